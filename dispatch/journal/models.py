"""The journal: what happened in a society, numbered without gaps, written once and never changed."""

from django.db import models


class Counter(models.Model):
    """The number of a society's newest entry. Locked last, by the statement that writes an entry."""

    society_id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(default=0)


class Entry(models.Model):
    """One thing that happened: who (`by_id`, none for the service), what (`kind`), to what (`subject_id`)."""

    pk = models.CompositePrimaryKey("society_id", "number")
    society_id = models.UUIDField()
    number = models.BigIntegerField()
    at = models.DateTimeField(help_text="domain time")
    recorded_at = models.DateTimeField(help_text="real time", auto_now_add=True)
    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    by_id = models.UUIDField(null=True)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["society_id", "subject_id", "number"], name="journal_by_subject")]
