"""Texts that come in: the raw reply is stored first, once, and stays whatever its effect does."""

import datetime as dt
import json
import logging
import random
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from notifications import clock, rules
from notifications.announce import announce
from notifications.ids import uuid7
from notifications.models import Inbound
from notifications.signals import reply_received

log = logging.getLogger(__name__)

_INSERT = """
INSERT INTO notifications_inbound (id, society_id, route_id, provider_id, from_number, to_number, text,
                                   payload, came_by, received_at, received_real,
                                   done, tries, error, again_real)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, false, 0, '', %s)
ON CONFLICT (society_id, route_id, provider_id) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text as the provider tells it. from_number: E.164."""

    provider_id: str
    from_number: str
    to_number: str
    text: str
    payload: dict[str, str]


def receive(reply: Reply, *, society_id: UUID, route_id: UUID, came_by: str, now: dt.datetime) -> bool:
    """Store a reply and let it take effect; False if the provider's id is known already.

    Runs inside `society(...)`. Two calls at once: the second waits for the first and finds the row.
    """
    inbound_id, real = uuid7(), clock.real_now()
    # PostgreSQL text holds no NUL; a body that carries one must not turn into an error page.
    text = reply.text.replace("\x00", "\ufffd")
    payload = json.dumps(reply.payload, ensure_ascii=False).replace("\\u0000", "\\ufffd")
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                inbound_id, society_id, route_id, reply.provider_id, reply.from_number, reply.to_number, text,
                payload, came_by, now, real, real,
            ],
        )  # fmt: skip
        if cursor.fetchone() is None:
            return False
    take_effect(inbound_id)
    return True


def take_effect(inbound_id: UUID) -> bool:
    """Announce an open reply in a savepoint; a receiver that fails leaves the row open with the error.

    Called again later with a growing wait; nothing happens while somebody else is at it or when it is done.
    """
    row = Inbound.objects.select_for_update(skip_locked=True).filter(pk=inbound_id, done=False).first()
    if row is None:
        return False
    fact = {
        "society_id": row.society_id,
        "inbound_id": row.id,
        "from_number": row.from_number,
        "text": row.text,
        "at": row.received_at,
    }
    errors = announce(reply_received, Inbound, [fact])
    row.tries += 1
    row.done, row.error = not errors, "; ".join(repr(error) for error in errors)[:2000]
    row.again_real = clock.real_now() + rules.backoff(row.tries, random.random(), first=1.0)
    row.save(update_fields=["tries", "done", "error", "again_real"])
    for error in errors:
        log.error("effect of reply %s failed, try %s", row.id, row.tries, exc_info=error)
    return row.done


def missing(replies: list[Reply], *, route_id: UUID) -> list[Reply]:
    """Those of the listed replies that are not stored yet, as far as a look without a lock can tell."""
    ids = [reply.provider_id for reply in replies]
    rows = Inbound.objects.filter(route_id=route_id, provider_id__in=ids)
    known = set(rows.values_list("provider_id", flat=True))
    return [reply for reply in replies if reply.provider_id not in known]
