"""Protection of the tenant tables, and the door functions that act before a society is known.

Each door returns ids only and does one narrow thing; what it may touch stands in its column grants.
Where a door only finds rows, whoever called it acts on them under the society, with a guarded update.
"""

from django.db import migrations

TABLES = ("route", "message", "attempt", "receipt", "inbound")

TIES = (
    ("message", "route_id", "route"),
    ("attempt", "message_id", "message"),
    ("attempt", "route_id", "route"),
    ("receipt", "attempt_id", "attempt"),
    ("inbound", "route_id", "route"),
)

PROTECT = [f"SELECT public.protect('public.notifications_{table}')" for table in TABLES] + [
    f"SELECT public.tie('public.notifications_{table}', '{column}', 'public.notifications_{target}')"
    for table, column, target in TIES
]

GRANTS = """
CREATE POLICY door_route ON public.notifications_route TO door USING (true) WITH CHECK (true);
CREATE POLICY door_message ON public.notifications_message TO door USING (true) WITH CHECK (true);
CREATE POLICY door_attempt ON public.notifications_attempt FOR INSERT TO door WITH CHECK (true);
CREATE POLICY door_inbound ON public.notifications_inbound FOR SELECT TO door USING (true);
GRANT SELECT (id, society_id, active, stopped_code, per_second, paced_until_real, webhook_key, poll_due_real),
      UPDATE (paced_until_real, poll_due_real) ON public.notifications_route TO door;
GRANT SELECT (id, society_id, route_id, state, priority, not_before_real, valid_until, created_at, attempts,
              attempt_id, lease_until_real, look_at_real),
      UPDATE (state, attempts, attempt_id, lease_until_real, look_at_real)
      ON public.notifications_message TO door;
GRANT INSERT ON public.notifications_attempt TO door;
GRANT SELECT (id, society_id, done, again_real) ON public.notifications_inbound TO door;
"""

# Societies share a claim equally, and within a society its routes do, so that ten thousand messages of one
# never delay twelve of another. Routes are locked NO KEY UPDATE: a plain FOR UPDATE would step aside for the
# key-share locks of every transaction that is writing messages, and a busy society would starve itself.
CLAIM = """
CREATE FUNCTION door.claim_messages(
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

LOOKS = """
CREATE FUNCTION door.lost_leases(p_limit int)
RETURNS TABLE (society_id uuid, message_id uuid, attempt_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.society_id, m.id, m.attempt_id FROM public.notifications_message m
  WHERE m.state = 'sending' AND m.lease_until_real < clock_timestamp() LIMIT p_limit
$$;

CREATE FUNCTION door.lives_over(p_now timestamptz, p_limit int)
RETURNS TABLE (society_id uuid, message_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.society_id, m.id FROM public.notifications_message m
  WHERE m.state = 'queued' AND m.valid_until <= p_now LIMIT p_limit
$$;

-- The next look is pushed out by p_hold, so that two senders do not look for the same message at once and a
-- sender that dies over it gives it back.
CREATE FUNCTION door.due_unknowns(p_limit int, p_hold interval)
RETURNS TABLE (society_id uuid, message_id uuid, attempt_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE public.notifications_message m SET look_at_real = clock_timestamp() + p_hold
  WHERE m.id IN (SELECT q.id FROM public.notifications_message q
                 WHERE q.state = 'unknown' AND q.look_at_real <= clock_timestamp()
                 ORDER BY q.look_at_real LIMIT p_limit FOR UPDATE SKIP LOCKED)
  RETURNING m.society_id, m.id, m.attempt_id
$$;

CREATE FUNCTION door.route_of(p_webhook_key text) RETURNS TABLE (society_id uuid, route_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.society_id, r.id FROM public.notifications_route r WHERE r.webhook_key = p_webhook_key
$$;

CREATE FUNCTION door.open_inbound(p_limit int) RETURNS TABLE (society_id uuid, inbound_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT i.society_id, i.id FROM public.notifications_inbound i
  WHERE NOT i.done AND i.again_real <= clock_timestamp() ORDER BY i.again_real LIMIT p_limit
$$;

CREATE FUNCTION door.routes_to_poll(p_every interval) RETURNS TABLE (society_id uuid, route_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE public.notifications_route r SET poll_due_real = clock_timestamp() + p_every
  WHERE r.id IN (SELECT q.id FROM public.notifications_route q
                 WHERE q.active AND coalesce(q.poll_due_real, '-infinity') <= clock_timestamp()
                 FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING r.society_id, r.id
$$;

CREATE FUNCTION door.oldest_queued(p_now timestamptz) RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p_now - min(m.created_at) FROM public.notifications_message m WHERE m.state = 'queued'
$$;
"""

DOORS = (
    "claim_messages(text, uuid[], timestamptz, interval, jsonb)",
    "lost_leases(int)",
    "lives_over(timestamptz, int)",
    "due_unknowns(int, interval)",
    "route_of(text)",
    "open_inbound(int)",
    "routes_to_poll(interval)",
    "oldest_queued(timestamptz)",
)

OWNERS = "".join(
    f"REVOKE ALL ON FUNCTION door.{door} FROM PUBLIC; GRANT EXECUTE ON FUNCTION door.{door} TO app;"
    f"ALTER FUNCTION door.{door} OWNER TO door;"
    for door in DOORS
)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_messages")]
    operations = [migrations.RunSQL(sql) for sql in (*PROTECT, GRANTS, CLAIM, LOOKS, OWNERS)]
