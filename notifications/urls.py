"""What providers call, mounted at /webhooks/."""

from django.urls import include, path

urlpatterns = [path("twilio/", include("notifications.transports.twilio.urls"))]
