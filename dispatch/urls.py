"""Every address of the service; packages are named by string only."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from dispatch.orgs.api import Me

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/geo/", include("geo.urls")),
    path("api/v1/incidents/", include("dispatch.incidents.urls")),
    path("api/v1/me/", Me.as_view()),
    path("webhooks/", include("notifications.urls")),
    path("", include("realtime.urls")),
    path("", include("dispatch.orgs.urls")),
    path("", include("dispatch.people.urls")),
    path("", include("dispatch.readiness.urls")),
    path("", include("dispatch.callouts.urls")),
]
