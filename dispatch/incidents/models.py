"""Incidents and what they need."""

from django.contrib.gis.db import models

from dispatch.incidents.rules import KINDS
from notifications.ids import uuid7


class Incident(models.Model):
    """Something happened somewhere. `code` ("D7") is what texts and radio say."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    code = models.CharField(max_length=4)
    kind = models.CharField(max_length=20)
    title = models.JSONField()
    place = models.JSONField(help_text="short name of the place, as texts say it: {ar, en}")
    muster = models.JSONField(
        default=dict, help_text="where to report, told to those who are coming: {ar, en}"
    )
    location = models.PointField(geography=True, srid=4326)
    hazard = models.MultiPolygonField(srid=4326, null=True)
    region_id = models.UUIDField(null=True)
    is_drill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="open")
    opened_at = models.DateTimeField()
    opened_by_id = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="incident_key"),
            models.UniqueConstraint(
                fields=["society_id", "code"], condition=models.Q(state="open"), name="incident_code_open"
            ),
            models.CheckConstraint(condition=models.Q(state__in=("open", "closed")), name="incident_state"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="incident_kind"),
        ]


class Need(models.Model):
    """So many people of one skill. `filled` counts the people coming, kept by the database, never above `limit`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, db_constraint=False)
    skill = models.ForeignKey("people.Skill", on_delete=models.PROTECT)
    is_remote = models.BooleanField(default=False)
    required = models.PositiveIntegerField()
    limit = models.PositiveIntegerField(help_text="required plus the no-show buffer")
    filled = models.PositiveIntegerField(default=0)
    radius_m = models.PositiveIntegerField()
    report_by = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(
        null=True, help_text="a person stood everybody down: nobody more is asked unless a person says so"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="need_key"),
            models.UniqueConstraint(fields=["society_id", "incident", "skill"], name="need_once"),
            models.CheckConstraint(condition=models.Q(required__gte=1), name="need_required"),
            models.CheckConstraint(condition=models.Q(limit__gte=models.F("required")), name="need_limit"),
            models.CheckConstraint(condition=models.Q(filled__lte=models.F("limit")), name="need_never_over"),
        ]
