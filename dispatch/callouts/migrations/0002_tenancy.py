"""Row level security on call-outs; the database's own copy of the moves; the doors of ticker and reply links."""

from django.db import migrations

TENANCY = """
SELECT protect('callouts_callout');
SELECT protect('callouts_wave');
SELECT protect('callouts_assignment');
SELECT tie('callouts_callout', 'incident_id', 'incidents_incident');
SELECT tie('callouts_wave', 'call_out_id', 'callouts_callout');
SELECT tie('callouts_wave', 'need_id', 'incidents_need');
SELECT tie('callouts_assignment', 'call_out_id', 'callouts_callout');
SELECT tie('callouts_assignment', 'wave_id', 'callouts_wave');
SELECT tie('callouts_assignment', 'need_id', 'incidents_need');
SELECT tie('callouts_assignment', 'volunteer_id', 'people_volunteer');
ALTER TABLE callouts_callout ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE callouts_wave ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
ALTER TABLE callouts_assignment ADD FOREIGN KEY (society_id) REFERENCES orgs_society (id);
REVOKE DELETE ON callouts_assignment FROM app;
"""

# Compared with callouts.rules.moves.MOVES by tests/rules/test_moves.py. The trigger also keeps the need's
# count of people coming, whose CHECK makes it impossible to go above the limit, whatever the program does.
GUARD = """
CREATE FUNCTION callouts_moves() RETURNS TABLE (old_state text, new_state text) LANGUAGE sql IMMUTABLE AS $$
  VALUES
    ('asked', 'coming'), ('asked', 'reserve'), ('asked', 'declined'), ('asked', 'stood_down'),
    ('asked', 'unreachable'),
    ('unreachable', 'coming'), ('unreachable', 'reserve'), ('unreachable', 'declined'),
    ('unreachable', 'stood_down'),
    ('declined', 'coming'), ('declined', 'reserve'),
    ('reserve', 'coming'), ('reserve', 'declined'), ('reserve', 'stood_down'),
    ('coming', 'en_route'), ('coming', 'arrived'), ('coming', 'declined'), ('coming', 'stood_down'),
    ('coming', 'no_show'),
    ('en_route', 'arrived'), ('en_route', 'declined'), ('en_route', 'stood_down'), ('en_route', 'no_show'),
    ('arrived', 'home_safe'),
    ('no_show', 'arrived'),
    ('stood_down', 'reserve')
$$;
CREATE FUNCTION callouts_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted text[] := ARRAY['coming', 'en_route', 'arrived', 'home_safe'];
  change int;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'asked' THEN
      RAISE EXCEPTION 'an assignment starts as asked, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.society_id, NEW.call_out_id, NEW.need_id, NEW.volunteer_id)
     IS DISTINCT FROM (OLD.society_id, OLD.call_out_id, OLD.need_id, OLD.volunteer_id) THEN
    RAISE EXCEPTION 'an assignment keeps its person and need' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state = OLD.state THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM callouts_moves() m WHERE m.old_state = OLD.state AND m.new_state = NEW.state) THEN
    RAISE EXCEPTION 'no move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  change := (NEW.state = ANY (counted))::int - (OLD.state = ANY (counted))::int;
  IF change <> 0 THEN
    UPDATE incidents_need SET filled = filled + change WHERE id = NEW.need_id AND society_id = NEW.society_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON callouts_assignment
  FOR EACH ROW EXECUTE FUNCTION callouts_guard();
"""

DOORS = """
CREATE FUNCTION door.due_call_outs(at timestamptz, hold interval, most int)
RETURNS TABLE (society_id uuid, call_out_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  UPDATE callouts_callout c SET next_look_at = at + hold
  FROM (SELECT id FROM callouts_callout WHERE state = 'open' AND next_look_at <= at
        ORDER BY next_look_at LIMIT most FOR UPDATE SKIP LOCKED) due
  WHERE c.id = due.id
  RETURNING c.society_id, c.id
$$;
CREATE FUNCTION door.link(hash text) RETURNS TABLE (society_id uuid, assignment_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT a.society_id, a.id FROM callouts_assignment a WHERE a.link_hash = hash
$$;
ALTER FUNCTION door.due_call_outs(timestamptz, interval, int) OWNER TO door;
ALTER FUNCTION door.link(text) OWNER TO door;
REVOKE ALL ON FUNCTION door.due_call_outs(timestamptz, interval, int), door.link(text) FROM public;
GRANT EXECUTE ON FUNCTION door.due_call_outs(timestamptz, interval, int), door.link(text) TO app;
GRANT SELECT (id, society_id, state, next_look_at), UPDATE (next_look_at) ON callouts_callout TO door;
GRANT SELECT (id, society_id, link_hash) ON callouts_assignment TO door;
CREATE POLICY door_looks ON callouts_callout TO door USING (true) WITH CHECK (true);
CREATE POLICY door_links ON callouts_assignment FOR SELECT TO door USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("callouts", "0001_initial"), ("incidents", "0002_tenancy")]
    operations = [
        migrations.RunSQL(TENANCY, migrations.RunSQL.noop),
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER guard ON callouts_assignment; DROP FUNCTION callouts_guard(); DROP FUNCTION callouts_moves()",
        ),
        migrations.RunSQL(
            DOORS,
            "DROP FUNCTION door.due_call_outs(timestamptz, interval, int); DROP FUNCTION door.link(text)",
        ),
    ]
