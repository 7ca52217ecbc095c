"""Messages taken back while they were on their way: noted without their row's lock, never claimed again."""

from django.db import migrations, models

import notifications.ids

GUARD = """
SELECT public.protect('public.notifications_unwanted');
ALTER TABLE public.notifications_unwanted ADD CONSTRAINT notifications_unwanted_society
  FOREIGN KEY (society_id) REFERENCES public.orgs_society (id);
CREATE POLICY door_unwanted ON public.notifications_unwanted FOR SELECT TO door USING (true);
GRANT SELECT (society_id, message_id) ON public.notifications_unwanted TO door;
"""

# As in 0003, with one condition more: what was taken back is not picked.
CLAIM = """
CREATE OR REPLACE FUNCTION door.claim_messages(
  p_worker text, p_attempts uuid[], p_now timestamptz, p_lease interval, p_free jsonb)
RETURNS TABLE (society_id uuid, message_id uuid, attempt_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH locked AS (
    SELECT r.id, r.society_id, r.per_second, r.paced_until_real
    FROM public.notifications_route r
    WHERE r.active AND r.stopped_code = '' AND coalesce((p_free ->> r.id::text)::int, 1) > 0
      AND EXISTS (SELECT FROM public.notifications_message m
                  WHERE m.route_id = r.id AND m.state = 'queued'
                    AND m.not_before_real <= clock_timestamp() AND m.valid_until > p_now)
    FOR NO KEY UPDATE SKIP LOCKED
  ), counted AS (
    SELECT l.*, count(*) OVER (PARTITION BY l.society_id) AS siblings,
           (SELECT count(DISTINCT society_id) FROM locked) AS societies,
           greatest(coalesce(l.paced_until_real, '-infinity'),
                    clock_timestamp() - greatest(1, 1 / l.per_second) * interval '1 second') AS paced_from
    FROM locked l
  ), due AS (
    SELECT c.*, least(
             ceil(cardinality(p_attempts)::numeric / c.societies / c.siblings),
             coalesce((p_free ->> c.id::text)::int, 8),
             coalesce(floor(extract(epoch FROM clock_timestamp() - c.paced_from) * c.per_second),
                      cardinality(p_attempts)))::bigint AS share
    FROM counted c
  ), picked AS (
    SELECT m.id, due.id AS route_id, due.society_id,
           row_number() OVER (PARTITION BY due.id ORDER BY m.priority, m.id) AS turn
    FROM due CROSS JOIN LATERAL (
      SELECT q.id, q.priority FROM public.notifications_message q
      WHERE q.route_id = due.id AND q.state = 'queued'
        AND q.not_before_real <= clock_timestamp() AND q.valid_until > p_now
        AND NOT EXISTS (SELECT FROM public.notifications_unwanted u
                        WHERE u.society_id = q.society_id AND u.message_id = q.id)
      ORDER BY q.priority, q.id LIMIT greatest(due.share, 0) FOR UPDATE SKIP LOCKED) m
  ), chosen AS (
    SELECT p.*, row_number() OVER (ORDER BY p.turn, random()) AS place FROM picked p
  ), given AS (
    SELECT c.id, c.route_id, c.society_id, a.id AS attempt_id
    FROM chosen c JOIN unnest(p_attempts) WITH ORDINALITY AS a (id, place) ON a.place = c.place
  ), claimed AS (
    UPDATE public.notifications_message m
    SET state = 'sending', attempt_id = g.attempt_id, attempts = m.attempts + 1,
        lease_until_real = clock_timestamp() + p_lease
    FROM given g WHERE m.id = g.id
    RETURNING m.society_id, m.id, m.attempt_id, m.route_id, m.attempts
  ), noted AS (
    INSERT INTO public.notifications_attempt
      (id, society_id, message_id, route_id, number, worker, claimed_real, "end", code, detail, status)
    SELECT c.attempt_id, c.society_id, c.id, c.route_id, c.attempts, p_worker, clock_timestamp(),
           '', '', '', ''
    FROM claimed c
  ), paced AS (
    UPDATE public.notifications_route r
    SET paced_until_real = d.paced_from + n.count / d.per_second * interval '1 second'
    FROM due d JOIN (SELECT route_id, count(*) FROM given GROUP BY route_id) n ON n.route_id = d.id
    WHERE r.id = d.id AND d.per_second IS NOT NULL
  )
  SELECT c.society_id, c.id, c.attempt_id FROM claimed c
$$;
"""

TAKEN_BACK = """
CREATE FUNCTION door.taken_back(p_limit int) RETURNS TABLE (society_id uuid, message_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.society_id, m.id FROM public.notifications_message m
  JOIN public.notifications_unwanted u ON u.society_id = m.society_id AND u.message_id = m.id
  WHERE m.state = 'queued' LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION door.taken_back(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.taken_back(int) TO app;
ALTER FUNCTION door.taken_back(int) OWNER TO door;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_running")]
    operations = [
        migrations.CreateModel(
            name="Unwanted",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=notifications.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("society_id", models.UUIDField()),
                ("message_id", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("society_id", "message_id"), name="unwanted_once")
                ],
            },
        ),
        *(migrations.RunSQL(sql) for sql in (GUARD, CLAIM, TAKEN_BACK)),
    ]
