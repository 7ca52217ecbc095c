"""The ASGI application: HTTP to Django, websockets to the live feed."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")

application = ProtocolTypeRouter({"http": get_asgi_application()})
