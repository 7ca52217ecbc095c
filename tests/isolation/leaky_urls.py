"""Addresses that forget whose rows they show, for the test of the test; the service does not include them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.people.models import Volunteer


def everybody(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"phones": list(Volunteer.objects.using("owner").values_list("phone", flat=True))})


def somebody(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    return HttpResponse(Volunteer.objects.using("owner").get(pk=volunteer_id).family_name)


class SomebodyElse(APIView):
    def put(self, request: Request, volunteer_id: UUID, **_: Any) -> Response:
        return Response({"name": Volunteer.objects.using("owner").get(pk=volunteer_id).latin_name})


urlpatterns = [
    path("leaky-list/", everybody),
    path("leaky/<uuid:volunteer_id>/", somebody),
    path("leaky-api/<uuid:volunteer_id>/", SomebodyElse.as_view()),
]
