"""Row level security on incidents and needs."""

from django.db import migrations

TENANCY = """
SELECT protect('incidents_incident');
SELECT protect('incidents_need');
SELECT tie('incidents_need', 'incident_id', 'incidents_incident');
ALTER TABLE incidents_incident ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE incidents_need ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial"), ("people", "0002_tenancy")]
    operations = [migrations.RunSQL(TENANCY, migrations.RunSQL.noop)]
