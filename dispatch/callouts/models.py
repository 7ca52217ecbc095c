"""Call-outs, their waves, and one assignment per person asked."""

from django.contrib.gis.db import models

from dispatch.callouts.rules import moves
from dispatch.incidents.models import Incident, Need
from dispatch.people.models import Volunteer
from notifications.ids import uuid7


class CallOut(models.Model):
    """One call that went out for an incident. The ticker looks at it when `next_look_at` (real time) is due."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, db_constraint=False)
    state = models.CharField(max_length=10, default="open")
    confidence = models.FloatField(help_text="ask until each need fills with this probability")
    launched_at = models.DateTimeField()
    launched_by_id = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    asks_by_itself = models.BooleanField(default=True)
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="callout_key"),
            models.UniqueConstraint(
                fields=["society_id", "incident"], condition=models.Q(state="open"), name="callout_one_open"
            ),
            models.CheckConstraint(condition=models.Q(state__in=("open", "closed")), name="callout_state"),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=models.Q(state="open"), name="callout_due"),
        ]


class Wave(models.Model):
    """People asked together for one need, and why so many: a reason code with its arguments."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    call_out = models.ForeignKey(CallOut, on_delete=models.CASCADE, db_constraint=False)
    need = models.ForeignKey(Need, on_delete=models.CASCADE, db_constraint=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    asked = models.PositiveIntegerField()
    reason = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="wave_key"),
            models.UniqueConstraint(fields=["society_id", "call_out", "need", "number"], name="wave_number"),
        ]


class Assignment(models.Model):
    """One person asked once in one call-out. `state` moves only by callouts.actions.move and the database checks it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    call_out = models.ForeignKey(CallOut, on_delete=models.CASCADE, db_constraint=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, db_constraint=False)
    need = models.ForeignKey(Need, on_delete=models.CASCADE, db_constraint=False)
    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT, db_constraint=False)
    state = models.CharField(max_length=12, default=moves.ASKED)
    reason = models.JSONField(default=dict, help_text="why it is in this state: {code, ...arguments}")
    distance_m = models.FloatField()
    link_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    eta_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    help_at = models.DateTimeField(
        null=True, help_text="asked for help; emptied when a person has seen to it"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="assignment_key"),
            models.UniqueConstraint(
                fields=["society_id", "call_out", "volunteer"], name="assignment_asked_once"
            ),
            models.UniqueConstraint(fields=["society_id", "link_hash"], name="assignment_link"),
            models.CheckConstraint(condition=models.Q(state__in=moves.STATES), name="assignment_state"),
        ]
        indexes = [
            models.Index(fields=["society_id", "need", "state"], name="assignment_by_need"),
            models.Index(fields=["society_id", "volunteer", "state"], name="assignment_by_person"),
            models.Index(fields=["link_hash"], name="assignment_link_lookup"),
        ]
