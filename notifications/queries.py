"""What pages, the API and health checks read of messages. States and reasons are codes, worded on display."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from notifications import clock, doors, outbox, rules
from notifications.models import Attempt, Inbound, Message, Route, Worker
from notifications.routes import Explanation, explain

ALIVE = dt.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as a page shows it. code is the last provider code, "" if none. Times are domain time."""

    id: UUID
    subject: UUID
    purpose: str
    to_number: str
    text: str
    state: str
    reason: str
    attempts: int
    parts: int
    provider_id: str
    created_at: dt.datetime
    changed_at: dt.datetime
    price: Decimal | None
    currency: str


_FIELDS = tuple(MessageView.__dataclass_fields__)


def _views(rows: Iterable[dict[str, object]]) -> list[MessageView]:
    return [MessageView(**row) for row in rows]  # type: ignore[arg-type]  # the names are the fields'


def by_subject(subjects: Iterable[UUID]) -> dict[UUID, list[MessageView]]:
    """Messages about each subject, oldest first; a subject without any is absent."""
    found: defaultdict[UUID, list[MessageView]] = defaultdict(list)
    rows = Message.objects.filter(subject__in=list(subjects)).order_by("created_at", "id").values(*_FIELDS)
    for view in _views(rows):
        found[view.subject].append(view)
    return dict(found)


def failures(subjects: Iterable[UUID], purpose: str) -> dict[UUID, str]:
    """The reason code of each subject whose message of that purpose will not arrive: failed, or its life ran out."""
    final = (rules.State.FAILED, rules.State.EXPIRED)
    rows = Message.objects.filter(subject__in=list(subjects), purpose=purpose, state__in=final)
    return dict(rows.values_list("subject", "reason"))


def log(subjects: Iterable[UUID] | None = None, limit: int = 200) -> list[MessageView]:
    """The newest messages, about some subjects or all, newest first."""
    rows = Message.objects.all() if subjects is None else Message.objects.filter(subject__in=list(subjects))
    return _views(rows.order_by("-created_at", "-id").values(*_FIELDS)[:limit])


@dataclass(frozen=True, slots=True)
class Totals:
    """Messages by state (all eight, 0 included), parts handed over, and money as the provider states it."""

    by_state: Mapping[str, int]
    parts: int
    spent: Mapping[str, Decimal]

    @property
    def total(self) -> int:
        """All messages."""
        return sum(self.by_state.values())


def totals(subjects: Iterable[UUID] | None = None, purpose: str = "") -> Totals:
    """Counts over some subjects' messages or all, of one purpose or all."""
    rows = Message.objects.all() if subjects is None else Message.objects.filter(subject__in=list(subjects))
    rows = rows.filter(purpose=purpose) if purpose else rows
    counted = dict(rows.values_list("state").annotate(n=Count("id")))
    spent = rows.exclude(price=None).values_list("currency").annotate(sum=Sum("price"))
    parts = rows.filter(~Q(provider_id="")).aggregate(n=Coalesce(Sum("parts"), 0))["n"]
    return Totals(
        by_state={str(state): counted.get(state, 0) for state in rules.State},
        parts=parts,
        # Twilio writes a price as money taken, below zero.
        spent={currency: abs(total) for currency, total in spent},
    )


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try. Times are real time. code: the provider's or ours, detail: the provider's words."""

    number: int
    end: str
    code: str
    detail: str
    provider_id: str | None
    status: str
    claimed_real: dt.datetime
    ended_real: dt.datetime | None


def attempts(message_id: UUID) -> list[AttemptView]:
    """Every try at a message, in order."""
    rows = Attempt.objects.filter(message_id=message_id).order_by("number")
    return [AttemptView(**row) for row in rows.values(*AttemptView.__dataclass_fields__)]


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route for the set-up page; alarm_code and stopped_code are "" when all is well."""

    id: UUID
    country: str
    channel: str
    provider: str
    sender: str
    answer_by: str
    active: bool
    stopped_code: str
    alarm_code: str
    webhook_key: str
    explanation: Explanation


def routes() -> list[RouteView]:
    """The society's routes with what is promised about answers on each."""
    return [
        RouteView(
            id=route.pk,
            country=route.country,
            channel=route.channel,
            provider=route.provider,
            sender=route.sender,
            answer_by=route.answer_by,
            active=route.active,
            stopped_code=route.stopped_code,
            alarm_code=route.alarm_code,
            webhook_key=route.webhook_key,
            explanation=explain(route.country, route.provider, route.answer_by),
        )
        for route in Route.objects.order_by("country", "position", "id")
    ]


def answer_by(numbers: Iterable[str]) -> dict[str, str]:
    """How the owner of each number can answer a text handed in now: "two_way", "link" or "local_gateway".

    numbers: E.164. One no route leads to is absent. One query, whatever their count.
    """
    ways = outbox.routes()
    chosen = {number: outbox.choose(ways, number) for number in numbers}
    return {number: way.answer_by for number, way in chosen.items() if way}


def provider_ids(message_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Every id a provider gave to a message, over all its attempts: more than one means sent twice."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = (
        Attempt.objects.filter(message_id__in=list(message_ids)).exclude(provider_id=None).order_by("number")
    )
    for message_id, provider_id in rows.values_list("message_id", "provider_id"):
        found[message_id].append(str(provider_id))
    return dict(found)


def open_replies() -> int:
    """Replies whose effect has not come through yet."""
    return Inbound.objects.filter(done=False).count()


@dataclass(frozen=True, slots=True)
class Health:
    """The sending side as a whole, over all societies; needs none to be set.

    senders, tickers: processes seen within ten seconds. seen_ago: real seconds since a sender was seen.
    oldest_queued: age in domain time. provider_reachable: None when nobody has tried yet.
    """

    senders: int
    tickers: int
    seen_ago: float | None
    provider_reachable: bool | None
    oldest_queued: dt.timedelta | None


def health() -> Health:
    """For readiness checks and metrics."""
    now = clock.real_now()
    workers = list(Worker.objects.order_by("-seen_real"))
    senders = [worker for worker in workers if worker.kind == "sender"]
    alive = [worker for worker in senders if now - worker.seen_real <= ALIVE]
    tickers = [worker for worker in workers if worker.kind == "ticker" and now - worker.seen_real <= ALIVE]
    known = [worker.provider_reachable for worker in alive if worker.provider_reachable is not None]
    return Health(
        senders=len(alive),
        tickers=len(tickers),
        seen_ago=(now - senders[0].seen_real).total_seconds() if senders else None,
        provider_reachable=any(known) if known else None,
        oldest_queued=doors.oldest_queued(clock.now()),
    )


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A text that came in, as it came. at: domain time."""

    id: UUID
    from_number: str
    text: str
    at: dt.datetime


def replies(numbers: Iterable[str], *, since: dt.datetime, limit: int = 200) -> list[ReplyView]:
    """The newest texts from these numbers since a moment, newest first."""
    rows = Inbound.objects.filter(from_number__in=list(numbers), received_at__gte=since)
    fields = ("id", "from_number", "text", "received_at")
    return [ReplyView(*row) for row in rows.order_by("-received_at", "-id").values_list(*fields)[:limit]]
