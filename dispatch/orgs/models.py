"""Societies, their branches, and the people who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from dispatch.orgs import rules
from notifications.ids import uuid7


class Society(models.Model):
    """A national society: the tenant. Names are {"ar": ..., "en": ...}."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.JSONField()
    sender_name = models.JSONField(help_text="how texts begin, short: {ar, en}")
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    timezone = models.CharField(max_length=40, default="UTC")
    language = models.CharField(max_length=2, default="ar")
    currency = models.CharField(max_length=3, default="USD")
    is_demo = models.BooleanField(default=False)


class Branch(models.Model):
    """A branch of a society; the tree ends at the society itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, db_constraint=False)
    name = models.JSONField()
    region_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["society_id", "id"], name="branch_key")]


class User(AbstractUser):
    """Somebody who signs in. What they may do stands in their memberships, one per society."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    display_name = models.JSONField(default=dict, help_text="{ar, en}")


class Membership(models.Model):
    """A user's role in one society."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    society_id = models.UUIDField()
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=20)
    branch = models.ForeignKey(Branch, null=True, on_delete=models.PROTECT, db_constraint=False)
    volunteer_id = models.UUIDField(null=True, help_text="their own record, for role volunteer")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="membership_key"),
            models.UniqueConstraint(fields=["society_id", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=rules.ROLES), name="membership_role"),
        ]
