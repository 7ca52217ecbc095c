"""Rows of the sending side. Times named *_real are wall-clock time, all others domain time.

Only ledger.py, outbox.py, inbox.py and routes.py write here; the door functions of migration 0003 claim.
"""

from django.db import models
from django.db.models import Q

from notifications.ids import uuid7
from notifications.rules import State

CHANNELS = ("sms", "voice", "whatsapp")
ANSWERS = ("two_way", "link", "voice_dtmf", "whatsapp", "local_gateway")
# Providers' ids are shorter; a longer one is no id.
MOST_OF_AN_ID = 64
ENDS = ("accepted", "not_processed", "fenced", "lost", "refused", "found", "absent")


class TenantRow(models.Model):
    """A row of one society; the composite key is what other tenant rows refer to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()

    class Meta:
        abstract = True


class Route(TenantRow):
    """A way out of a society: an account and a sender at a provider, for one country ("" for all others)."""

    country = models.CharField(max_length=2, blank=True)
    channel = models.CharField(max_length=10, default="sms")
    provider = models.CharField(max_length=20)
    sender = models.CharField(max_length=20, help_text="E.164, short code or name")
    account = models.CharField(max_length=64)
    sealed_token = models.TextField(help_text="vault.seal of the provider's token")
    answer_by = models.CharField(max_length=20)
    webhook_key = models.CharField(max_length=43, unique=True)
    position = models.SmallIntegerField(default=0, help_text="lowest first among routes of a country")
    active = models.BooleanField(default=False)
    concurrency = models.SmallIntegerField(default=32, help_text="requests at once, per sender process")
    per_second = models.DecimalField(max_digits=7, decimal_places=2, null=True, help_text="null: no limit")
    paced_until_real = models.DateTimeField(null=True)
    stopped_code = models.CharField(
        max_length=20, blank=True, help_text="why nothing leaves: a provider code"
    )
    alarm_code = models.CharField(max_length=20, blank=True, help_text="last code a person must look at")
    poll_due_real = models.DateTimeField(null=True)
    polled_real = models.DateTimeField(null=True, help_text="the inbound list is known up to here")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="route_key"),
            models.UniqueConstraint(
                fields=["society_id", "channel", "country", "provider", "sender"], name="route_once"
            ),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="route_channel"),
            models.CheckConstraint(condition=Q(answer_by__in=ANSWERS), name="route_answer_by"),
        ]


class Message(TenantRow):
    """One text to one number. Its state moves by rules.MOVES only."""

    purpose = models.CharField(max_length=20)
    subject = models.UUIDField()
    to_number = models.CharField(max_length=16)
    text = models.TextField()
    language = models.CharField(max_length=8)
    dedupe_key = models.CharField(max_length=200)
    priority = models.SmallIntegerField()
    state = models.CharField(max_length=10, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True, help_text="a code, worded on display")
    route = models.ForeignKey(Route, null=True, on_delete=models.PROTECT, db_constraint=False)
    parts = models.SmallIntegerField()
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    changed_at = models.DateTimeField()
    not_before_real = models.DateTimeField()
    attempt_id = models.UUIDField(null=True, help_text="the newest attempt")
    attempts = models.SmallIntegerField(default=0)
    failures = models.SmallIntegerField(default=0, help_text="in a row, for the back-off")
    lease_until_real = models.DateTimeField(null=True)
    looks = models.SmallIntegerField(default=0)
    look_at_real = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=MOST_OF_AN_ID, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="message_key"),
            models.UniqueConstraint(fields=["society_id", "dedupe_key"], name="message_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="message_state"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(attempt_id__isnull=False, lease_until_real__isnull=False),
                name="message_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="unknown") | Q(look_at_real__isnull=False),
                name="message_unknown_is_looked_for",
            ),
        ]
        indexes = [
            models.Index("route", "priority", "id", name="message_due", condition=Q(state="queued")),
            models.Index("valid_until", name="message_life", condition=Q(state="queued")),
            models.Index("lease_until_real", name="message_lease", condition=Q(state="sending")),
            models.Index("look_at_real", name="message_look", condition=Q(state="unknown")),
            models.Index("society_id", "subject", name="message_subject"),
        ]


class Unwanted(TenantRow):
    """A message that was taken back while it was on its way: if it comes back unsent, it stays unsent.

    A row of its own without a foreign key, for both a column and a key would wait for the message's row: who
    takes back holds a need and people, and who holds the message may be waiting for those people.
    """

    message_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "message_id"], name="unwanted_once"),
        ]


class Attempt(TenantRow):
    """One try to hand a message to a provider; its id is in the status callback's address."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, db_constraint=False)
    route = models.ForeignKey(Route, on_delete=models.PROTECT, db_constraint=False)
    number = models.SmallIntegerField()
    worker = models.CharField(max_length=80)
    claimed_real = models.DateTimeField()
    ended_real = models.DateTimeField(null=True)
    end = models.CharField(max_length=16, blank=True)
    code = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    provider_id = models.CharField(max_length=MOST_OF_AN_ID, null=True, help_text="unique where known")
    status = models.CharField(max_length=20, blank=True, help_text="the provider's last word")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="attempt_key"),
            models.UniqueConstraint(fields=["society_id", "message", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["society_id", "route", "provider_id"], name="attempt_provider_id"
            ),
            models.CheckConstraint(condition=Q(end__in=("", *ENDS)), name="attempt_end"),
        ]


class Receipt(TenantRow):
    """A status callback as it came; the same word about the same attempt is kept once."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, db_constraint=False)
    status = models.CharField(max_length=20)
    code = models.CharField(max_length=20, blank=True)
    payload = models.JSONField()
    received_real = models.DateTimeField()
    moved = models.BooleanField(help_text="false: late, repeated or unknown, so it changed nothing")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="receipt_key"),
            models.UniqueConstraint(fields=["society_id", "attempt", "status", "code"], name="receipt_once"),
        ]


class Inbound(TenantRow):
    """A text that came in: the raw reply, kept whatever becomes of its effect."""

    route = models.ForeignKey(Route, on_delete=models.PROTECT, db_constraint=False)
    provider_id = models.CharField(max_length=MOST_OF_AN_ID)
    from_number = models.CharField(max_length=16)
    to_number = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    payload = models.JSONField()
    came_by = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    received_real = models.DateTimeField()
    done = models.BooleanField(default=False)
    tries = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    again_real = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="inbound_key"),
            models.UniqueConstraint(fields=["society_id", "route", "provider_id"], name="inbound_once"),
            models.CheckConstraint(condition=Q(came_by__in=("webhook", "poll")), name="inbound_came_by"),
        ]
        indexes = [models.Index("again_real", name="inbound_open", condition=Q(done=False))]


class Worker(models.Model):
    """A sender or ticker process that runs, or ran. Holds nothing of any society."""

    name = models.CharField(primary_key=True, max_length=80)
    kind = models.CharField(max_length=10, default="sender")
    pid = models.IntegerField()
    started_real = models.DateTimeField()
    seen_real = models.DateTimeField()
    provider_reachable = models.BooleanField(null=True, help_text="null: not tried yet")
