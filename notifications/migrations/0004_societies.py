"""Every row belongs to a society that exists."""

from django.db import migrations

TABLES = ("route", "message", "attempt", "receipt", "inbound")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_doors"), ("orgs", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE public.notifications_{table} ADD CONSTRAINT notifications_{table}_society "
            "FOREIGN KEY (society_id) REFERENCES public.orgs_society (id)"
        )
        for table in TABLES
    ]
