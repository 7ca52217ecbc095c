"""People over HTTP. Another society's ids are unknown here, as any other id that does not exist."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.orgs.api import needs
from dispatch.orgs.queries import society
from dispatch.people import actions, queries, serializers
from dispatch.people.rules import valid_until
from notifications import clock

PAGE = 100


class People(APIView):
    """The society's volunteers, by name."""

    permission_classes = (needs("see_people"),)

    @extend_schema(
        operation_id="people", parameters=[serializers.SearchQuery], responses=serializers.PageSerializer
    )
    def get(self, request: Request) -> Response:
        asked = serializers.SearchQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        phones = request.actor.may("edit_people")  # type: ignore[attr-defined]
        found, total = queries.people(
            queries.Search(
                words=given["q"],
                phones=phones,
                skill=given["skill"],
                specialty=given["specialty"],
                region=given["region"],
                claims=given["claims"],
            ),
            first=(given["page"] - 1) * PAGE,
            limit=PAGE,
            now=clock.now(),
            timezone=society()["timezone"],
        )
        body = {"total": total, "page": given["page"], "people": found}
        return Response(serializers.PageSerializer(body, context={"phones": phones}).data)


class Person(APIView):
    """One volunteer."""

    permission_classes = (needs("see_people"),)

    @extend_schema(operation_id="person", responses=serializers.PersonDetailSerializer)
    def get(self, request: Request, volunteer_id: UUID) -> Response:
        return Response(_detail(request, volunteer_id))


def _person(volunteer_id: UUID) -> queries.PersonView:
    found = queries.person(volunteer_id, now=clock.now(), timezone=society()["timezone"])
    if found is None:
        raise NotFound("There is no such person here.")
    return found


def _detail(request: Request, volunteer_id: UUID) -> dict[str, object]:
    phones = request.actor.may("edit_people")  # type: ignore[attr-defined]
    return dict(serializers.PersonDetailSerializer(_person(volunteer_id), context={"phones": phones}).data)


def _claim(volunteer_id: UUID, claim_id: UUID) -> queries.ClaimView:
    for claim in _person(volunteer_id).claims:
        if claim.id == claim_id:
            return claim
    raise NotFound("This person has no such claim.")


class Verify(APIView):
    """Somebody has seen the proof."""

    permission_classes = (needs("edit_people"),)

    @extend_schema(
        operation_id="claim_verify",
        request=serializers.VerifySerializer,
        responses=serializers.PersonDetailSerializer,
    )
    def post(self, request: Request, volunteer_id: UUID, claim_id: UUID) -> Response:
        given = serializers.VerifySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        claim, now = _claim(volunteer_id, claim_id), clock.now()
        expires_at = given.validated_data.get("expires_at", valid_until(now, claim.validity_months))
        if expires_at is not None and expires_at <= now:
            raise ValidationError({"expires_at": ["This moment has passed."]})
        by = request.actor.user_id  # type: ignore[attr-defined]
        actions.verify(claim_id=claim_id, expires_at=expires_at, by=by, now=now)
        return Response(_detail(request, volunteer_id))


class Revoke(APIView):
    """The skill counts no more."""

    permission_classes = (needs("edit_people"),)

    @extend_schema(operation_id="claim_revoke", request=None, responses=serializers.PersonDetailSerializer)
    def post(self, request: Request, volunteer_id: UUID, claim_id: UUID) -> Response:
        _claim(volunteer_id, claim_id)
        by = request.actor.user_id  # type: ignore[attr-defined]
        actions.revoke(claim_id=claim_id, by=by, now=clock.now())
        return Response(_detail(request, volunteer_id))


class Availability(APIView):
    """When somebody can be called."""

    permission_classes = (needs("edit_people"),)

    @extend_schema(
        operation_id="person_availability",
        request=serializers.AvailabilitySerializer,
        responses=serializers.PersonDetailSerializer,
    )
    def put(self, request: Request, volunteer_id: UUID) -> Response:
        given = serializers.AvailabilitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        _person(volunteer_id)
        by = request.actor.user_id  # type: ignore[attr-defined]
        actions.set_availability(volunteer_id=volunteer_id, **given.validated_data, by=by, now=clock.now())
        return Response(_detail(request, volunteer_id))


class Nearest(APIView):
    """The nearest people with a verified skill who may be called now."""

    permission_classes = (needs("see_people"),)

    @extend_schema(
        operation_id="people_nearest",
        parameters=[serializers.NearestQuery],
        responses=serializers.NearestSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = serializers.NearestQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            skill_id = queries.skill_id(given["skill"])
        except ObjectDoesNotExist as error:
            raise ValidationError({"skill": ["No such skill; /api/v1/skills/ lists them."]}) from error
        found = queries.nearest(
            society_id=request.actor.society_id,  # type: ignore[attr-defined]
            skill_id=skill_id,
            lon=given["lon"],
            lat=given["lat"],
            radius_m=given["radius_m"],
            limit=given["limit"],
            now=clock.now(),
            timezone=society()["timezone"],
        )
        # Written out by hand: fifty rows through a serializer take longer than the search.
        people = [
            {"volunteer_id": str(near.volunteer_id), "metres": round(near.metres, 1)} for near in found.people
        ]
        return Response({"people": people, "excluded": found.excluded, "exhausted": found.exhausted})


class Skills(APIView):
    """The taxonomy of skills, the same for every society."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="skills", responses=serializers.SkillSerializer(many=True))
    def get(self, request: Request) -> Response:
        listed: Any = queries.skills()  # the stubs know no many=True
        return Response(serializers.SkillSerializer(listed, many=True).data)
