"""What the operator's commands share: acting as owner, finding a society, asking for a secret."""

import getpass
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from dispatch.orgs.models import Society

OWNER = "owner"


def need_owner() -> None:
    """Only the owner sees which societies there are; raises CommandError when its address was not given."""
    if OWNER not in settings.DATABASES:
        raise CommandError("DATABASE_OWNER_URL is not set: this command acts as role owner.")


def society_named(slug: str) -> Society:
    """The society of that short name, read as owner; raises CommandError with those there are."""
    need_owner()
    found = Society.objects.using(OWNER).filter(slug=slug).first()
    if found is None:
        known = ", ".join(Society.objects.using(OWNER).order_by("slug").values_list("slug", flat=True))
        raise CommandError(
            f"There is no society {slug!r}. There are: {known or 'none yet (create_society)'}."
        )
    return found


def secret(what: str, *, file: Path | None = None, twice: bool = False) -> str:
    """A secret from a file, else asked on the terminal without echo, else the first line of stdin.

    Never an argument: those stand in the shell's history and in the list of processes. Raises CommandError.
    """
    if file is not None:
        try:
            text = file.read_text().strip()
        except OSError as error:
            raise CommandError(f"The {what} could not be read from {file}: {error.strerror}.") from error
    elif sys.stdin.isatty():
        text = getpass.getpass(f"{what}: ".capitalize())
        if twice and getpass.getpass("Again: ") != text:
            raise CommandError(f"The two {what}s differ; nothing was changed.")
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise CommandError(f"The {what} is empty; nothing was changed.")
    return text
