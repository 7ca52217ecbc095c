"""Pages about people and their API."""

from django.urls import path, re_path

from dispatch.people import api, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/<uuid:volunteer_id>/", views.person, name="person"),
    path("people/<uuid:volunteer_id>/claims/<uuid:claim_id>/", views.settle_claim, name="claim-settle"),
    path("people/<uuid:volunteer_id>/availability/", views.availability, name="person-availability"),
    path("api/v1/skills/", api.Skills.as_view()),
    path("api/v1/people/", api.People.as_view()),
    re_path(r"^api/v1/people/nearest/?$", api.Nearest.as_view()),
    path("api/v1/people/<uuid:volunteer_id>/", api.Person.as_view()),
    path("api/v1/people/<uuid:volunteer_id>/availability/", api.Availability.as_view()),
    path("api/v1/people/<uuid:volunteer_id>/claims/<uuid:claim_id>/verify/", api.Verify.as_view()),
    path("api/v1/people/<uuid:volunteer_id>/claims/<uuid:claim_id>/revoke/", api.Revoke.as_view()),
]
