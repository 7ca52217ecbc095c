"""What the feed reads: sessions, memberships and the journal. Plain functions that run on threads of their
own.

Requests of Django under ASGI share one thread unless they open a context each; a feed that waited behind them
would stand still while a page is slow. So the feeds have two threads, and the doors, where a thousand pages
may knock at once after a restart, have four others.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.http import HttpRequest

from dispatch.journal.queries import entries, newest
from dispatch.orgs import queries as orgs
from dispatch.orgs.middleware import CHOSEN
from notifications.clock import real_now
from notifications.tenancy import society
from realtime.frames import Event, event

P = ParamSpec("P")
R = TypeVar("R")

PAGE = 500  # entries read at once
DOORS = ThreadPoolExecutor(4, thread_name_prefix="live-doors")
FEEDS = ThreadPoolExecutor(2, thread_name_prefix="live-feeds")


async def run(threads: ThreadPoolExecutor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of database work on one of those threads; its connection goes back to the pool. Raises what
    it does.
    """

    def guarded() -> R:
        close_old_connections()
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, guarded)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may listen: a session, its user, the society they act for and their role there."""

    session_key: str
    user_id: UUID
    password: str
    society_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """A refusal. code: 4401 not signed in, 4403 member of no society."""

    code: int


def admit(cookies: str) -> Guest | Nobody:
    """Who a Cookie header belongs to, by the same rules as a request (dispatch.orgs.middleware)."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return Nobody(4401)
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value if morsel else None)
    user = get_user(request)
    if not user.is_authenticated or request.session.session_key is None:
        return Nobody(4401)
    mine = orgs.societies_of(user.pk)
    if not mine:
        return Nobody(4403)
    chosen = request.session.get(CHOSEN)
    society_id = next((s for s in mine if str(s) == chosen), mine[0])
    with society(society_id):
        actor = orgs.actor(user.pk)
    if actor is None:
        return Nobody(4403)
    return Guest(request.session.session_key, user.pk, user.password, society_id, actor.role)


def standing(society_id: UUID) -> int:
    """The number of the society's newest entry."""
    with society(society_id):
        return newest(society_id)


def page(society_id: UUID, after: int) -> list[Event]:
    """Up to PAGE entries above a number, in order."""
    with society(society_id):
        return [event(row) for row in entries(society_id, after=after, limit=PAGE)]


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who may stay, found at a heartbeat. Sessions are shared by many sockets, so each is asked for once."""

    sessions: frozenset[str]
    passwords: dict[UUID, str]
    roles: dict[UUID, str]

    def role(self, guest: Guest) -> str | Nobody:
        """The guest's role today, or why they have to leave."""
        if guest.session_key not in self.sessions or self.passwords.get(guest.user_id) != guest.password:
            return Nobody(4401)
        return self.roles.get(guest.user_id) or Nobody(4403)


def welcome(society_id: UUID, guests: Collection[Guest]) -> Welcome:
    """Look up the guests of one society again: sessions ended, passwords changed, memberships gone, roles
    changed.
    """
    users = {guest.user_id for guest in guests}
    keys = {guest.session_key for guest in guests}
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=real_now())
    active = get_user_model().objects.filter(pk__in=users, is_active=True)
    with society(society_id):
        roles = orgs.roles_of(users)
    return Welcome(
        frozenset(sessions.values_list("session_key", flat=True)),
        dict(active.values_list("pk", "password")),
        roles,
    )
