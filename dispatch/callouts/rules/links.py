"""Reply links: short enough for a text, unguessable, and nothing in the database to steal."""

import base64
import hashlib
import hmac
from uuid import UUID

# Ten characters of base32: 50 bits, and none that a phone keyboard or a reader confuses with another.
LENGTH = 10


def token(assignment_id: UUID, secret: str) -> str:
    """The link token of an assignment: derived, so that it need not be stored."""
    digest = hmac.new(secret.encode(), b"link:" + assignment_id.bytes, hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:LENGTH]


def token_hash(value: str, secret: str) -> str:
    """What is stored and looked up for a token: HMAC-SHA256, hex."""
    return hmac.new(secret.encode(), b"hash:" + value.encode(), hashlib.sha256).hexdigest()
