"""Row level security on targets and daily counts. Regions may be shared, so nothing ties their ids."""

from django.db import migrations

TENANCY = """
SELECT protect('readiness_target');
SELECT protect('readiness_daily');
ALTER TABLE readiness_target ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE readiness_daily ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
"""


class Migration(migrations.Migration):
    dependencies = [("readiness", "0001_initial"), ("people", "0002_tenancy")]
    operations = [migrations.RunSQL(TENANCY, migrations.RunSQL.noop)]
