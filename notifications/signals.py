"""News that travels up to whoever listens. Both are sent inside the transaction that stores the fact,
within the society's context; a receiver that fails never undoes the fact.

reply_received: society_id, inbound_id, from_number (E.164), text (as received), at (domain time).
    A receiver's exception leaves the reply open, and it is sent again later: receivers must not count
    the same inbound_id twice.
delivery_changed: society_id, message_id, subject, purpose, state, reason (a code, "" if none),
    at (domain time).
"""

from django.dispatch import Signal

reply_received = Signal()
delivery_changed = Signal()
