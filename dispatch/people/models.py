"""Volunteers, what they can do, when, and the one table that answers "who is nearest"."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from notifications.ids import uuid7

CLAIM_STATES = ("claimed", "verified", "lapsed", "revoked")
ALL_WEEK = "1" * 168


class BitField(models.Field[str, str]):
    """The 168 hours of a week, Monday 00:00 first, as bit(168): '1' = available."""

    def db_type(self, connection: object) -> str:
        return "bit(168)"

    def get_prep_value(self, value: str | None) -> str | None:
        return value


class Skill(models.Model):
    """One entry of the taxonomy, the same for every society (fixtures/skills.json explains the fields)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(unique=True)
    name = models.JSONField()
    group = models.CharField(max_length=30)
    group_name = models.JSONField()
    level = models.CharField(max_length=20)
    mode = models.CharField(max_length=10)
    icon = models.CharField(max_length=30)
    specialty = models.CharField(max_length=30, blank=True)
    isco08 = models.CharField(max_length=4)
    esco = models.CharField(max_length=120, null=True)
    validity_months = models.IntegerField(null=True)


class Volunteer(models.Model):
    """A person of a society. `person_key` is the HMAC of the phone: the same person in every society."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    latin_name = models.CharField(max_length=160, blank=True)
    gender = models.CharField(max_length=1, blank=True)
    birth_date = models.DateField()
    phone = models.CharField(max_length=16, help_text="E.164")
    person_key = models.CharField(max_length=64)
    language = models.CharField(max_length=2, default="ar")
    location = models.PointField(geography=True, srid=4326)
    coarse_location = models.PointField(
        geography=True, srid=4326, spatial_index=False, help_text="shown until the person is coming"
    )
    region_id = models.UUIDField(null=True)
    branch_id = models.UUIDField(null=True)
    weekly_hours = BitField(default=ALL_WEEK)
    unavailable_until = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)
    is_synthetic = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="volunteer_key"),
            models.UniqueConstraint(fields=["society_id", "person_key"], name="volunteer_once"),
        ]
        indexes = [models.Index(fields=["society_id", "phone"], name="volunteer_phone")]


class SkillClaim(models.Model):
    """Somebody's word that a volunteer has a skill, and what became of it: claimed > verified > lapsed | revoked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, db_constraint=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, default="claimed")
    claimed_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    verified_by_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="claim_key"),
            models.UniqueConstraint(fields=["society_id", "volunteer", "skill"], name="claim_once"),
            models.CheckConstraint(condition=models.Q(state__in=CLAIM_STATES), name="claim_state"),
            models.CheckConstraint(
                condition=~models.Q(state="verified") | models.Q(verified_at__isnull=False),
                name="claim_verified_when",
            ),
        ]


class Callable(models.Model):
    """Person x verified skill with what decides eligibility, side by side: written by people.actions only.

    Nearest-neighbour order over the GiST index (society, skill, location) is the one spatial access that row
    level security leaves fast: 1,000,000 people in 1 ms, where ST_DWithin takes 192-245.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, db_constraint=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT)
    location = models.PointField(geography=True, srid=4326, spatial_index=False)
    region_id = models.UUIDField(null=True)
    hours = BitField(default=ALL_WEEK)
    expires_at = models.DateTimeField(null=True)
    unavailable_until = models.DateTimeField(null=True)
    adult_from = models.DateField()
    opted_out = models.BooleanField(default=False)
    person_key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "volunteer", "skill"], name="callable_once")
        ]
        indexes = [GistIndex(fields=["society_id", "skill", "location"], name="callable_nearest")]


class Reservation(models.Model):
    """A person who is taken, by whichever society: the one key that is unique across societies.

    Rows come and go through the door functions reserve and release; a society reads its own only.
    """

    person_key = models.CharField(max_length=64, primary_key=True)
    society_id = models.UUIDField()
    assignment_id = models.UUIDField()
    reserved_at = models.DateTimeField()
