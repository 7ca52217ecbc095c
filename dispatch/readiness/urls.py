"""The board's pages and its API."""

from django.urls import path

from dispatch.readiness import api, views

urlpatterns = [
    path("readiness/", views.board, name="readiness"),
    path("readiness/figures/", views.figures, name="readiness-figures"),
    path("readiness/targets/<uuid:region_id>/", views.targets, name="readiness-targets"),
    path("api/v1/readiness/", api.Readiness.as_view()),
    path("api/v1/readiness/targets/<uuid:region_id>/", api.Targets.as_view()),
]
