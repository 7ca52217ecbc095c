"""Identifiers: uuid7, so that keys sort by the time they were made and index pages stay warm."""

from uuid import UUID

import uuid6


def uuid7() -> UUID:
    """A new time-ordered identifier (RFC 9562, version 7) as a standard-library UUID."""
    return UUID(int=uuid6.uuid7().int)
