"""Addresses for supervisors, proxies and Prometheus."""

from django.urls import path

from realtime import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics_view),
]
