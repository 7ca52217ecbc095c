"""People as JSON, and what the API takes about them."""

from typing import Any

from rest_framework import serializers

from dispatch.people.queries import ClaimView, PersonView
from dispatch.people.rules import mask

STATES = ("ready", "away", "taken", "no_skill", "under_18", "opted_out")


class SkillSerializer(serializers.Serializer[dict[str, Any]]):
    """One entry of the taxonomy; names are {ar, en}."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField())
    group = serializers.CharField()
    group_name = serializers.DictField(child=serializers.CharField())
    level = serializers.CharField()
    mode = serializers.CharField(help_text="on_site, remote or both")
    specialty = serializers.CharField(
        help_text="column of the readiness board, empty when it is not counted there"
    )
    isco08 = serializers.CharField()
    esco = serializers.CharField(allow_null=True)
    validity_months = serializers.IntegerField(allow_null=True)


class ClaimSerializer(serializers.Serializer[ClaimView]):
    """A skill of a person and what became of the claim."""

    id = serializers.UUIDField()
    skill = serializers.CharField()
    state = serializers.CharField(help_text="claimed, verified, lapsed or revoked")
    claimed_at = serializers.DateTimeField()
    verified_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class PersonSerializer(serializers.Serializer[PersonView]):
    """A volunteer. The phone is masked unless the reader edits people; the home is coarse (about 2 km)."""

    id = serializers.UUIDField()
    given_name = serializers.CharField()
    family_name = serializers.CharField()
    latin_name = serializers.CharField()
    phone = serializers.SerializerMethodField()
    language = serializers.CharField()
    region_id = serializers.UUIDField(allow_null=True)
    coarse = serializers.ListField(child=serializers.FloatField(), help_text="[longitude, latitude]")
    state = serializers.ChoiceField(
        choices=STATES, help_text="whether they may be called now, and if not why"
    )
    unavailable_until = serializers.DateTimeField(allow_null=True)
    is_synthetic = serializers.BooleanField()
    claims = ClaimSerializer(many=True)

    def get_phone(self, person: PersonView) -> str:
        return person.phone if self.context.get("phones") else mask(person.phone)


class PersonDetailSerializer(PersonSerializer):
    """The same with the hours of the week."""

    weekly_hours = serializers.CharField(help_text="168 times 0 or 1, Monday 00:00 first")
    joined_at = serializers.DateTimeField()


class PageSerializer(serializers.Serializer[dict[str, Any]]):
    """A page of people, by name."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    people = PersonSerializer(many=True)


class SearchQuery(serializers.Serializer[dict[str, Any]]):
    """Which people."""

    q = serializers.CharField(required=False, default="", allow_blank=True, help_text="parts of a name")
    skill = serializers.SlugField(required=False, default="")
    specialty = serializers.SlugField(required=False, default="")
    region = serializers.UUIDField(required=False, default=None)
    claims = serializers.ChoiceField(choices=["waiting", "lapsed"], required=False, default="")
    page = serializers.IntegerField(min_value=1, max_value=100_000, default=1)


class NearestQuery(serializers.Serializer[dict[str, Any]]):
    """From where, with which skill, within how many metres, and how many."""

    skill = serializers.SlugField(help_text="the skill's code")
    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    radius_m = serializers.FloatField(
        min_value=1, max_value=20_100_000, required=False, default=None, allow_null=True
    )
    limit = serializers.IntegerField(min_value=1, max_value=500, default=50)


class NearSerializer(serializers.Serializer[Any]):
    """A person who may be asked, and their distance in metres along the globe."""

    volunteer_id = serializers.UUIDField()
    metres = serializers.FloatField()


class NearestSerializer(serializers.Serializer[Any]):
    """The nearest people, and how many nearer ones were passed over by reason."""

    people = NearSerializer(many=True)
    excluded = serializers.DictField(child=serializers.IntegerField())
    exhausted = serializers.BooleanField(help_text="nobody further away is left inside the radius")


class VerifySerializer(serializers.Serializer[dict[str, Any]]):
    """Until when the proof holds; without it the skill's own validity counts from now."""

    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class AvailabilitySerializer(serializers.Serializer[dict[str, Any]]):
    """The hours of the week, and the leave that runs now."""

    weekly_hours = serializers.RegexField(r"^[01]{168}$", help_text="168 times 0 or 1, Monday 00:00 first")
    unavailable_until = serializers.DateTimeField(required=False, default=None, allow_null=True)
