"""What a society wants to have ready, and what it had on each day."""

from django.db import models

from notifications.ids import uuid7


class Target(models.Model):
    """So many ready people of a specialty in a region; without a row the board proposes from the population.

    `region_id` may be a shared region, which has no society, so no key of the database ties it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    region_id = models.UUIDField()
    specialty = models.CharField(max_length=30)
    required = models.PositiveIntegerField()
    set_by_id = models.UUIDField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="target_key"),
            models.UniqueConstraint(fields=["society_id", "region_id", "specialty"], name="target_once"),
        ]


class Daily(models.Model):
    """How many places of the targets somebody ready filled on a day of the society's own timezone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    day = models.DateField()
    filled = models.PositiveIntegerField()
    target = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="daily_key"),
            models.UniqueConstraint(fields=["society_id", "day"], name="daily_once"),
        ]
