"""Row level security on societies, branches, memberships; the door that finds a user's societies; the journal's too."""

from django.db import migrations

TENANCY = """
SELECT protect('orgs_society', col => 'id');
SELECT protect('orgs_branch');
SELECT protect('orgs_membership');
SELECT protect('journal_counter');
SELECT protect('journal_entry');
SELECT tie('orgs_branch', 'parent_id', 'orgs_branch');
SELECT tie('orgs_membership', 'branch_id', 'orgs_branch');
ALTER TABLE orgs_branch ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE orgs_membership ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE journal_counter ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE journal_entry ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
-- What happened stays as it was written.
REVOKE UPDATE, DELETE ON journal_entry FROM app;
"""

DOOR = """
CREATE FUNCTION door.societies_of(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT society_id FROM orgs_membership WHERE user_id = person ORDER BY id
$$;
ALTER FUNCTION door.societies_of(uuid) OWNER TO door;
REVOKE ALL ON FUNCTION door.societies_of(uuid) FROM public;
GRANT EXECUTE ON FUNCTION door.societies_of(uuid) TO app;
GRANT SELECT (id, society_id, user_id) ON orgs_membership TO door;
CREATE POLICY door_reads ON orgs_membership FOR SELECT TO door USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0001_initial"),
        ("journal", "0001_initial"),
        ("notifications", "0001_tenancy"),
    ]
    operations = [
        migrations.RunSQL(TENANCY, migrations.RunSQL.noop),
        migrations.RunSQL(DOOR, "DROP FUNCTION door.societies_of(uuid)"),
    ]
