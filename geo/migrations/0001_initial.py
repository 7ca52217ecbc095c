"""Regions under row security, shared ones read by all; cities read by all, written by the owner."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import geo.models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("notifications", "0001_tenancy")]

    operations = [
        migrations.CreateModel(
            name="City",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("country", models.CharField(max_length=2)),
                (
                    "region_code",
                    models.CharField(
                        blank=True, help_text="ISO 3166-2, as in the shared regions", max_length=40
                    ),
                ),
                ("name", models.JSONField(help_text="{ar, en}; ar may be missing")),
                ("location", django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4326)),
                ("population", models.IntegerField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(models.F("location"), name="city_place"),
                    models.Index(fields=["country", "-population"], name="city_size"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=geo.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("society_id", models.UUIDField(null=True)),
                ("level", models.SmallIntegerField()),
                ("country", models.CharField(help_text="ISO 3166-1 alpha-2", max_length=2)),
                (
                    "code",
                    models.CharField(
                        help_text="ISO 3166-2, or the p-code of a society's own file", max_length=40
                    ),
                ),
                ("parent_code", models.CharField(blank=True, max_length=40)),
                ("name", models.JSONField(help_text="{ar, en}")),
                (
                    "geometry",
                    django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=4326),
                ),
                ("source", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        models.F("level"), models.F("geometry"), name="region_place"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("society_id", "id"), name="region_key"),
                    models.UniqueConstraint(
                        fields=("society_id", "country", "level", "code"),
                        name="region_code",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=models.Q(("level__range", (0, 5))), name="region_level"),
                ],
            },
        ),
        migrations.RunSQL("SELECT protect('geo_region', shared => true)", migrations.RunSQL.noop),
        migrations.RunSQL("REVOKE INSERT, UPDATE, DELETE ON geo_city FROM app", migrations.RunSQL.noop),
    ]
