"""Row level security on people, and the doors through which a person is reserved once among all societies."""

from django.db import migrations

TENANCY = """
SELECT protect('people_volunteer');
SELECT protect('people_skillclaim');
SELECT protect('people_callable');
SELECT protect('people_reservation');
SELECT tie('people_volunteer', 'branch_id', 'orgs_branch');
SELECT tie('people_skillclaim', 'volunteer_id', 'people_volunteer');
SELECT tie('people_callable', 'volunteer_id', 'people_volunteer');
SELECT tie('orgs_membership', 'volunteer_id', 'people_volunteer');
ALTER TABLE people_volunteer ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE people_skillclaim ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE people_callable ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE people_reservation ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
REVOKE INSERT, UPDATE, DELETE ON people_reservation FROM app;
"""

# The caller's society comes from the session, never from an argument: nobody reserves in another's name.
DOORS = """
CREATE FUNCTION door.reserve(key text, assignment uuid, at timestamptz) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH taken AS (
    INSERT INTO people_reservation (person_key, society_id, assignment_id, reserved_at)
    VALUES (key, nullif(current_setting('app.society', true), '')::uuid, assignment, at)
    ON CONFLICT (person_key) DO UPDATE SET reserved_at = people_reservation.reserved_at
      WHERE people_reservation.assignment_id = excluded.assignment_id
        AND people_reservation.society_id = excluded.society_id
    RETURNING 1
  ) SELECT EXISTS (SELECT FROM taken)
$$;
CREATE FUNCTION door.release(key text, assignment uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH gone AS (
    DELETE FROM people_reservation WHERE person_key = key AND assignment_id = assignment
      AND society_id = nullif(current_setting('app.society', true), '')::uuid
    RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;
CREATE FUNCTION door.reserved(keys text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT person_key FROM people_reservation WHERE person_key = ANY (keys)
$$;
ALTER FUNCTION door.reserve(text, uuid, timestamptz) OWNER TO door;
ALTER FUNCTION door.release(text, uuid) OWNER TO door;
ALTER FUNCTION door.reserved(text[]) OWNER TO door;
REVOKE ALL ON FUNCTION door.reserve(text, uuid, timestamptz), door.release(text, uuid), door.reserved(text[])
  FROM public;
GRANT EXECUTE ON FUNCTION door.reserve(text, uuid, timestamptz), door.release(text, uuid), door.reserved(text[])
  TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON people_reservation TO door;
CREATE POLICY door_all ON people_reservation TO door USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("orgs", "0002_tenancy")]
    operations = [
        migrations.RunSQL(TENANCY, migrations.RunSQL.noop),
        migrations.RunSQL(
            DOORS,
            "DROP FUNCTION door.reserve(text, uuid, timestamptz), door.release(text, uuid), door.reserved(text[])",
        ),
    ]
