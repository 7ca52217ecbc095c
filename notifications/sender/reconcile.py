"""Looking for a message of unknown outcome in the provider's list."""

import asyncio

from notifications import rules
from notifications.ledger import Seen
from notifications.pace import pace
from notifications.sender.work import Search
from notifications.transports.base import Transport, TransportError, is_id


async def look(transport: Transport, search: Search) -> list[Seen]:
    """Messages at the provider that may be this one, the one nearest in time to the newest attempt first.

    To, exact text and creation since the first attempt must match; whether another row holds the id is for
    the caller to check. Raises TransportError; a list that could not be read is not a look.
    """
    try:
        async with asyncio.timeout(pace().deadline.total_seconds()):
            listed = await transport.listed(search.line, search.to_number, search.since)
    except TimeoutError as error:
        raise TransportError(rules.RECONCILE, "timeout") from error
    alike = [row for row in listed if row.to_number == search.to_number and row.text == search.text]
    if not all(is_id(row.provider_id) for row in alike):
        # It may well be there: taken as absent it would be sent a second time.
        raise TransportError(rules.RECONCILE, "unreadable", "an id that cannot be stored")
    alike.sort(key=lambda row: abs(row.created - search.claimed))
    return [Seen(row.provider_id, row.status, row.code) for row in alike]
