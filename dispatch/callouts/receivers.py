"""News from notifications: a reply came, a text was delivered or was not. Runs inside the sender's transaction."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from dispatch.callouts import actions
from notifications import clock
from notifications.signals import delivery_changed, reply_received


@receiver(reply_received)
def on_reply(inbound_id: UUID, from_number: str, text: str, at: dt.datetime, **_: Any) -> bool:
    """Apply a volunteer's text; an unknown sender's text stays in the inbox for a person."""
    return actions.answer_text(from_number=from_number, text=text, source=inbound_id, now=clock.now())


@receiver(delivery_changed)
def on_delivery(subject: UUID, purpose: str, state: str, reason: str, at: dt.datetime, **_: Any) -> None:
    """Only the call itself matters here; whether a confirmation arrived is a fact of the message."""
    if purpose == "callout":
        actions.note_delivery(
            assignment_id=subject, state=state, reason={"code": reason}, at=at, now=clock.now()
        )
