"""The map's two tables: regions, of which a society may bring its own, and cities."""

from uuid import UUID

import uuid6
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex


def new_id() -> UUID:
    """A time-ordered id; geo may not borrow notifications' own, the two packages stand side by side."""
    return UUID(int=uuid6.uuid7().int)


class Region(models.Model):
    """An area of a country: level 0 is the country, 1 its provinces, deeper as far as a society brings them.

    Without a society the row is shared: every society reads it, none writes it. A society's own regions of a
    country and level stand in place of the shared ones (geo.queries). `parent_code` is the code one level up
    in the same country: a key could point into another society, a code finds what its reader may see.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    society_id = models.UUIDField(null=True)
    level = models.SmallIntegerField()
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    code = models.CharField(max_length=40, help_text="ISO 3166-2, or the p-code of a society's own file")
    parent_code = models.CharField(max_length=40, blank=True)
    name = models.JSONField(help_text="{ar, en}")
    geometry = models.MultiPolygonField(srid=4326, spatial_index=False)
    source = models.CharField(max_length=200)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["society_id", "id"], name="region_key"),
            models.UniqueConstraint(
                fields=["society_id", "country", "level", "code"], name="region_code", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(level__range=(0, 5)), name="region_level"),
        ]
        # The level first: without it the nearest areas are mostly countries and districts of other levels.
        indexes = [GistIndex("level", "geometry", name="region_place")]


class City(models.Model):
    """A city of GeoNames; the id is theirs. Shared by all: it has no society and no row security."""

    id = models.IntegerField(primary_key=True)
    country = models.CharField(max_length=2)
    region_code = models.CharField(
        max_length=40, blank=True, help_text="ISO 3166-2, as in the shared regions"
    )
    name = models.JSONField(help_text="{ar, en}; ar may be missing")
    location = models.PointField(srid=4326, spatial_index=False)
    population = models.IntegerField()

    class Meta:
        indexes = [
            GistIndex("location", name="city_place"),
            models.Index(fields=["country", "-population"], name="city_size"),
        ]
