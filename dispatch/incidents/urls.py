"""Under /api/v1/incidents/."""

from django.urls import path

from dispatch.incidents import api

urlpatterns = [
    path("", api.Incidents.as_view()),
    path("<uuid:incident_id>/", api.Incident.as_view()),
    path("<uuid:incident_id>/needs/", api.Needs.as_view()),
]
