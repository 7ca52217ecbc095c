"""Every setting, from the environment. A secret NAME is also read from the file that NAME_FILE points to.

deploy/env.example explains each variable; other packages are named here by string only.
"""

import datetime as dt
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _

django_stubs_ext.monkeypatch()  # lets generic classes of Django name their types at run time

env = environ.FileAwareEnv()
ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "dispatch"
FIXTURES = ROOT / "fixtures"

SECRET_KEY = env("NAFEER_SECRET_KEY")
NAFEER_FIELD_KEYS: list[str] = env.list("NAFEER_FIELD_KEYS")
NAFEER_PERSON_KEY = env("NAFEER_PERSON_KEY")
NAFEER_LINK_KEY = env("NAFEER_LINK_KEY")
NAFEER_PUBLIC_URL = env("NAFEER_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
DEBUG = env.bool("NAFEER_DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("NAFEER_ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [NAFEER_PUBLIC_URL]
NAFEER_METRICS_TOKEN = env("NAFEER_METRICS_TOKEN", default="")
TWILIO_API_URL = env("TWILIO_API_URL", default="").rstrip("/")

CLOCK_SPEED = env.float("NAFEER_CLOCK_SPEED", default=1.0)
_UNIX = "1970-01-01T00:00:00+00:00"
CLOCK_START = dt.datetime.fromisoformat(env("NAFEER_CLOCK_START", default=_UNIX))
CLOCK_EPOCH = dt.datetime.fromisoformat(env("NAFEER_CLOCK_EPOCH", default=_UNIX))

# The demo: its users' password and the accounts of the phone-network simulator ("sid:token"), made by deploy/up.
DEMO_PASSWORD = env("NAFEER_DEMO_PASSWORD", default="")
DEMO_PHONES: list[str] = env.list("PHONES_ACCOUNTS", default=[])

# Seconds of real time; MESSAGING.md's measured design. A short grace is for tests and drills only.
SENDER_LEASE_S = env.float("NAFEER_SENDER_LEASE_S", default=60.0)
SENDER_GRACE_S = env.float("NAFEER_SENDER_GRACE_S", default=60.0)
SENDER_POLL_S = env.float("NAFEER_SENDER_POLL_S", default=30.0)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.gis",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "rest_framework_gis",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
    "django_htmx",
    "notifications",
    "geo",
    "dispatch",
    "dispatch.journal",
    "dispatch.orgs",
    "dispatch.people",
    "dispatch.incidents",
    "dispatch.callouts",
    "dispatch.readiness",
    "realtime",
]

MIDDLEWARE = [
    "realtime.middleware.CountRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dispatch.orgs.middleware.SocietyMiddleware",
]

ROOT_URLCONF = "dispatch.urls"
ASGI_APPLICATION = "realtime.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "dispatch.orgs.context.page",
            ],
        },
    }
]


def _database(url: str, pool: dict[str, object] | bool) -> dict[str, object]:
    """A PostGIS connection with a pool.

    It waits for a lock 5 s at most, lets go of the locks of a process that stopped in mid-transaction, and does not
    compile queries (60 ms for one of 40).
    """
    config: dict[str, object] = {**env.db_url_config(url), "ENGINE": "django.contrib.gis.db.backends.postgis"}
    # After a restart of PostgreSQL the pool holds dead sessions: unchecked, each would fail one request.
    config["CONN_HEALTH_CHECKS"] = bool(pool)
    limits = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s -c jit=off"
    config["OPTIONS"] = {"pool": pool, "options": limits} if pool else {}
    return config


DATABASES = {
    "default": _database(
        env("DATABASE_URL"), {"min_size": 0, "max_size": env.int("NAFEER_DB_POOL", default=20), "timeout": 10}
    ),
}
if env("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = _database(env("DATABASE_OWNER_URL"), False) | {"TEST": {"MIRROR": "default"}}
# GDAL reads only files an administrator names on the command line; Debian 12 ships 3.6.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "dispatch.orgs.adapters.ClosedSignup"
ACCOUNT_SESSION_REMEMBER = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # no page offers what would need an e-mail
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = env("NAFEER_STATIC_ROOT", default=str(ROOT / ".nafeer" / "static"))
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a folder that is not there
WHITENOISE_USE_FINDERS = env.bool("NAFEER_SERVE_STATIC", default=True)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NAFEER_PUBLIC_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# MapLibre makes its worker from a blob; nothing else may leave the origin.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "knox.auth.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "dispatch.orgs.api.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Nafeer",
    "DESCRIPTION": "Crisis-response volunteer dispatch: whom to call, who is coming, who is ready.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    # Without a validator: Swagger UI would send the schema's address to another site.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("NAFEER_LOG_LEVEL", default="INFO")},
    "loggers": {"httpx": {"level": "WARNING"}, "twilio": {"level": "WARNING"}},
}
