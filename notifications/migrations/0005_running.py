"""What running processes share: each worker's kind, the one clock, and counts over all societies.

The clock is written once, by the first process; the doors return counts and nothing else.
"""

from django.db import migrations, models

CLOCK = """
CREATE TABLE public.notifications_clock (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  start_real timestamptz NOT NULL,
  epoch timestamptz NOT NULL,
  speed double precision NOT NULL CHECK (speed > 0)
);
REVOKE UPDATE, DELETE ON public.notifications_clock FROM app;
"""

DOORS = """
CREATE FUNCTION door.waiting_messages() RETURNS TABLE (state text, messages bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.state, count(*) FROM public.notifications_message m
  WHERE m.state IN ('queued', 'sending', 'unknown') GROUP BY m.state
$$;
CREATE FUNCTION door.attempt_ends(first uuid) RETURNS TABLE (outcome text, attempts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a."end", count(*) FROM public.notifications_attempt a WHERE a.id >= first GROUP BY a."end"
$$;
CREATE POLICY door_attempt_reads ON public.notifications_attempt FOR SELECT TO door USING (true);
GRANT SELECT (id, "end") ON public.notifications_attempt TO door;
ALTER FUNCTION door.waiting_messages() OWNER TO door;
ALTER FUNCTION door.attempt_ends(uuid) OWNER TO door;
REVOKE ALL ON FUNCTION door.waiting_messages(), door.attempt_ends(uuid) FROM public;
GRANT EXECUTE ON FUNCTION door.waiting_messages(), door.attempt_ends(uuid) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_societies")]
    operations = [
        migrations.AddField("worker", "kind", models.CharField(default="sender", max_length=10)),
        migrations.RunSQL(CLOCK, "DROP TABLE public.notifications_clock"),
        migrations.RunSQL(
            DOORS,
            "DROP FUNCTION door.waiting_messages(); DROP FUNCTION door.attempt_ends(uuid);"
            "DROP POLICY door_attempt_reads ON public.notifications_attempt",
        ),
    ]
