"""What a process must be before it may run: the right database role, and this instance's clock."""

import psycopg
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from notifications.clock import Clock, the_clock

PRIVILEGES = """
SELECT current_user::text,
  EXISTS (SELECT FROM pg_roles r WHERE r.rolsuper AND pg_has_role(current_user, r.oid, 'MEMBER')),
  EXISTS (SELECT FROM pg_roles r WHERE r.rolbypassrls AND pg_has_role(current_user, r.oid, 'MEMBER')),
  EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relkind IN ('r', 'p', 'v') AND pg_has_role(current_user, c.relowner, 'MEMBER'))
"""

REMEMBER = """
INSERT INTO notifications_clock (start_real, epoch, speed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


class Refused(CommandError):
    """This process may not run; the message says why and what to do."""


def knock() -> None:
    """Connect once, past the pool, which waits ten seconds for a lost server. Raises DatabaseError."""
    with connection.wrap_database_errors:
        psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": 2}).close()


def privileges() -> str:
    """What this database role could do that the service must not, in words; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(PRIVILEGES)
        role, is_super, bypasses, owns = cursor.fetchone()
    if is_super:
        return f"role {role} is, or may become, a superuser"
    if bypasses:
        return f"role {role} bypasses row level security"
    if owns:
        return f"role {role} owns tables of this database"
    return ""


def stored_clock() -> Clock | None:
    """The clock of this instance, None before its first process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT start_real, epoch, speed FROM notifications_clock")
        row = cursor.fetchone()
    return Clock(*row) if row else None


def check() -> None:
    """Raise Refused unless web, sender or ticker may run here. The first process stores its clock."""
    try:
        knock()
        if power := privileges():
            raise Refused(
                f"Not started: {power}, so it would see every society. Set DATABASE_URL to the role app."
            )
        mine = the_clock()
        with connection.cursor() as cursor:
            cursor.execute(REMEMBER, [mine.start, mine.epoch, mine.speed])
        theirs = stored_clock()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise Refused(
            f"Not started: the database refuses ({reason}). Is it running, migrated, is DATABASE_URL right?"
        ) from error
    if mine != theirs:
        raise Refused(
            f"Not started: this process has the clock {mine}, the database was made with {theirs}. "
            "Give every process the same NAFEER_CLOCK_SPEED, _START and _EPOCH; a drill with another clock "
            "needs a database of its own."
        )
