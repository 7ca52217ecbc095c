"""Ways out of a society: setting one up, and what can be promised about answers on it."""

import datetime as dt
import secrets
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings

from notifications import ledger, vault
from notifications.models import Route
from notifications.tenancy import society
from notifications.transports import base
from notifications.transports.base import TransportError as TransportError

# Twilio's table of SMS features by country: two-way "No", read in 2026.
_NO_REPLIES: Final = frozenset({"SA", "QA", "MA", "TR", "EG", "AE", "OM", "DZ", "LY", "PS"})
_NOT_SERVED: Final = frozenset({"SY", "IR", "CU"})
_NO_LINKS: Final = frozenset({"AE"})
# Ways a route may name, but that nothing here reads answers from.
_NOT_BUILT: Final = frozenset({"voice_dtmf", "whatsapp"})
# The code of a route whose token was sealed with a key that is gone.
UNREADABLE_TOKEN: Final = "token_unreadable"


@dataclass(frozen=True, slots=True)
class Explanation:
    """How volunteers of a country can answer through a provider; code and arguments, worded on display.

    code: replies_carried | replies_not_carried | not_served | gateway (speaks the provider's API, is not it)
    | not_built (nothing reads answers given that way).
    answers: values of answer_by that work. links: whether a text may hold a link.
    """

    code: str
    country: str
    provider: str
    answers: tuple[str, ...]
    links: bool = True


def explain(country: str, provider: str, answer_by: str = "") -> Explanation:
    """What to tell whoever sets up a route. country: ISO 3166-1 alpha-2."""
    links = country not in _NO_LINKS
    if answer_by == "local_gateway":
        return Explanation("gateway", country, provider, ("local_gateway",), links)
    if provider == "twilio" and country in _NOT_SERVED:
        return Explanation("not_served", country, provider, ("local_gateway",), links)
    if provider == "twilio" and country in _NO_REPLIES:
        others = ("link", "local_gateway") if links else ("local_gateway",)
        return Explanation("replies_not_carried", country, provider, others, links)
    return Explanation("replies_carried", country, provider, ("two_way", "link"), links)


class Unsuitable(ValueError):
    """The way of answering does not work there. `explanation` says what does."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(f"{explanation.code}: {explanation.provider} in {explanation.country}")
        self.explanation = explanation


@dataclass(frozen=True, slots=True)
class SetUp:
    """A route that is ready."""

    route_id: UUID
    webhook_key: str
    explanation: Explanation


def setup_route(
    *,
    society_id: UUID,
    country: str,
    provider: str,
    sender: str,
    account: str,
    token: str,
    answer_by: str,
    concurrency: int = 32,
    per_second: Decimal | None = None,
) -> SetUp:
    """Store a route and tell the provider where replies go; again with the same sender: update it.

    country: ISO code, "" for every country without a route of its own. Must run outside any transaction, for
    it calls the provider. Raises Unsuitable, or TransportError when the provider does not answer or refuses;
    the route then stays inactive.
    """
    explanation = explain(country, provider, answer_by)
    if answer_by in _NOT_BUILT:
        raise Unsuitable(replace(explanation, code="not_built"))
    if answer_by not in explanation.answers:
        raise Unsuitable(explanation)
    with society(society_id):
        route, _ = Route.objects.update_or_create(
            society_id=society_id,
            channel="sms",
            country=country,
            provider=provider,
            sender=sender,
            defaults={
                "account": account,
                "sealed_token": vault.seal(token),
                "answer_by": answer_by,
                "concurrency": concurrency,
                "per_second": per_second,
            },
            create_defaults={
                "account": account,
                "sealed_token": vault.seal(token),
                "answer_by": answer_by,
                "concurrency": concurrency,
                "per_second": per_second,
                "webhook_key": secrets.token_urlsafe(24),
            },
        )
        line = _line(route)
    async_to_sync(_announce)(line)
    with society(society_id):
        Route.objects.filter(pk=route.pk).update(active=True, stopped_code="", alarm_code="")
    return SetUp(route.pk, route.webhook_key, explanation)


async def _announce(line: base.Line) -> None:
    transport = base.transport(line.provider)
    try:
        await transport.announce(line)
    finally:
        await transport.close()


def _line(route: Route) -> base.Line:
    return base.Line(
        route_id=route.pk,
        society_id=route.society_id,
        provider=route.provider,
        sender=route.sender,
        account=route.account,
        token=vault.unseal(route.sealed_token),
        webhook_key=route.webhook_key,
        public_url=settings.NAFEER_PUBLIC_URL,
        concurrency=route.concurrency,
        polled_real=route.polled_real,
    )


def line(route_id: UUID) -> base.Line | None:
    """What a transport needs to know of a route; None: no such route in the current society.

    Raises vault.Unreadable.
    """
    route = Route.objects.filter(pk=route_id).first()
    return _line(route) if route else None


def lines(route_ids: set[UUID]) -> dict[UUID, base.Line]:
    """`line` of many routes of the current society.

    A route whose token cannot be opened is left out and stopped, with an alarm: one society's lost key must
    not end a process that works for all of them.
    """
    found: dict[UUID, base.Line] = {}
    for route in Route.objects.filter(pk__in=route_ids).order_by("pk"):
        try:
            found[route.pk] = _line(route)
        except vault.Unreadable:
            ledger.alarm(route.pk, UNREADABLE_TOKEN, stops=True)
    return found


def polled(route_id: UUID, since: dt.datetime) -> None:
    """The inbound list of a route is known up to `since`, real time."""
    Route.objects.filter(pk=route_id).update(polled_real=since)
