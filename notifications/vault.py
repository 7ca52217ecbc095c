"""Secrets of others at rest: sealed with the newest of the rotating keys, opened with any of them."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(RuntimeError):
    """A secret sealed with a key that is no longer in NAFEER_FIELD_KEYS."""


@cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(secret: str) -> str:
    """Plain text -> ASCII ciphertext under the first key of NAFEER_FIELD_KEYS."""
    return _ring(tuple(settings.NAFEER_FIELD_KEYS)).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Ciphertext -> plain text, whichever key sealed it. Raises Unreadable."""
    try:
        return _ring(tuple(settings.NAFEER_FIELD_KEYS)).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError) as error:
        raise Unreadable(
            "Sealed with a key that is not in NAFEER_FIELD_KEYS: add the old key back."
        ) from error
