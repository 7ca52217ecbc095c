"""Addresses given to the provider; the key stands for the society, the attempt for the message."""

from django.urls import path

from notifications.transports.twilio import webhooks

urlpatterns = [
    path("<str:webhook_key>/status/<uuid:attempt_id>/", webhooks.status, name="twilio-status"),
    path("<str:webhook_key>/inbound/", webhooks.inbound, name="twilio-inbound"),
]
