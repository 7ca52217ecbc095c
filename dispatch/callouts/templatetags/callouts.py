"""Words and drawings of the console: reasons by code, why people are in a group, the fill curve."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dispatch.callouts.queries.board import Board, GroupView
from dispatch.orgs.templatetags.numbers import hhmm
from notifications import rules as carrier

register = template.Library()
Words = str | Promise

GROUPS: Mapping[str, tuple[str, str, Words]] = {
    "on_the_way": ("enroute", "accent", _("On the way")),
    "on_site": ("arrived", "accent", pgettext_lazy("group of people", "On site")),
    "silent": ("delivered", "wait", pgettext_lazy("group of people", "Silent")),
    "reserve": ("reserve", "reserve", pgettext_lazy("group of people", "Reserve")),
    "declined": ("declined", "wait", pgettext_lazy("group of people", "Declined")),
    "unreachable": ("unreach", "warn", pgettext_lazy("group of people", "Unreachable")),
    "no_show": ("noshow", "warn", pgettext_lazy("group of people", "No-show")),
    "home_safe": ("home", "wait", pgettext_lazy("group of people", "Home safe")),
    "stood_down": ("stood", "wait", pgettext_lazy("group of people", "Stood down")),
}
# Why somebody is in the state they are in; provider codes go through WHY_FAILED.
REASONS: Mapping[str, Words] = {
    "elsewhere": _("on another call-out"),
    "full": _("places were full"),
    "wished": _("by own wish"),
    "late_yes": _("answered late"),
    "promoted": _("from reserve"),
    "not_needed": _("not needed"),
    "not_there": _("did not come"),
    "no_route": _("no route for the number"),
    "expired": _("not sent in time"),
    "no_receipt": _("no receipt"),
}
WHY_FAILED: Mapping[str, Words] = {
    "not_a_mobile": _("wrong number"),
    "not_served": _("network not served"),
    "opted_out": _("blocked us"),
    "handset_off": _("phone off"),
    "filtered": _("filtered by the carrier"),
    "not_in_time": _("not sent in time"),
    "capped": _("carrier’s limit reached"),
    "slow_down": _("carrier too busy"),
    "one_more": _("carrier error"),
}
LEFT_OUT: Mapping[str, Words] = {
    "home_in_hazard": _("own home in the danger zone: welfare check instead"),
    "off_hours": _("not available at this hour"),
    "unavailable": _("away or resting"),
    "reserved": _("already on another call-out"),
    "asked_already": _("asked already"),
    "lapsed": _("certificate lapsed"),
    "opted_out": _("opted out"),
    "under_18": _("under 18"),
}
MEANT: Mapping[str, tuple[str, str, Words]] = {
    "coming": ("coming", "accent", pgettext_lazy("reply", "coming")),
    "declined": ("declined", "wait", pgettext_lazy("reply", "declined")),
    "reserve": ("reserve", "reserve", pgettext_lazy("reply", "reserve")),
    "arrived": ("arrived", "accent", pgettext_lazy("reply", "arrived")),
    "safe": ("home", "wait", pgettext_lazy("reply", "home safe")),
    "help": ("alarm", "alarm", pgettext_lazy("reply", "needs help")),
    "unclear": ("sms", "wait", pgettext_lazy("reply", "unclear, asked again")),
}


@dataclass(frozen=True)
class GroupLook:
    """How a group of people is headed."""

    icon: str
    ink: str
    word: Words


@register.filter
def group_look(key: str) -> GroupLook:
    return GroupLook(*GROUPS[key])


@register.filter
def reply_look(kind: str) -> GroupLook:
    return GroupLook(*MEANT[kind])


@register.filter
def reason_word(code: str) -> Words:
    """A reason code in words; a provider's code through what the service does about it."""
    if not code:
        return ""
    if code == "said":  # what they said is the state itself
        return ""
    if code in REASONS:
        return REASONS[code]
    return WHY_FAILED.get(str(carrier.outcome(code).action), _("not delivered"))


@register.filter
def left_out_word(code: str) -> Words:
    return LEFT_OUT.get(code, code)


@register.filter
def person_name(person: Any) -> str:
    """A name in the page's letters where it is known in them."""
    if (get_language() or "en").startswith("ar"):
        return str(person.name)
    return str(person.latin_name or person.name)


@register.simple_tag
def group_why(group: GroupView) -> SafeString:
    """Why these people are where they are, counts first, separated by middle dots."""
    return format_html_join(" · ", "{}", ((part,) for part in _why(group) if part))


def _why(group: GroupView) -> list[str]:
    if not group.count:
        return []
    if group.key == "on_the_way":
        moving = (
            ngettext("%(n)s moving", "%(n)s moving", group.moving) % {"n": group.moving}
            if group.moving
            else ""
        )
        following = gettext("next at %(time)s") % {"time": hhmm(group.next_at)} if group.next_at else ""
        return [moving, SafeString(following)]
    if group.key == "on_site":
        return [
            ngettext("%(n)s remote", "%(n)s remote", group.remote) % {"n": group.remote}
            if group.remote
            else ""
        ]
    if group.key == "silent":
        without = group.count - group.delivered
        return [
            ngettext("%(n)s delivered", "%(n)s delivered", group.delivered) % {"n": group.delivered},
            ngettext("%(n)s without receipt", "%(n)s without receipt", without) % {"n": without}
            if without
            else "",
        ]
    merged: dict[str, int] = {}
    for code, n in group.reasons:
        word = str(reason_word(code))
        if not word:
            continue
        merged[word] = merged.get(word, 0) + n
    return [f"{n} {word}" for word, n in list(merged.items())[:3]]


@register.filter
def money(amounts: Mapping[str, Decimal]) -> str:
    """``LYD 8.26`` / ``8.26 LYD``, one after the other where providers bill in several currencies."""
    shape = "{1:.2f} {0}" if (get_language() or "en").startswith("ar") else "{0} {1:.2f}"
    return " + ".join(shape.format(currency, amount) for currency, amount in sorted(amounts.items()))


# The curve is drawn in a box of 170 x 72 with 0 at y = 70 and all places at y = 8.
WIDE, TOP, BOTTOM = 170.0, 8.0, 70.0


@dataclass(frozen=True)
class Curve:
    """SVG path data: places filled so far, what is expected, and the band around it; `now` is an x."""

    filled: str
    likely: str
    band: str
    now: float


@register.filter
def curve(board: Board) -> Curve | None:
    """The fill curve of a call-out, from its launch to the time of its forecast; None before the launch."""
    verdict, start = board.verdict, board.launched_at
    if start is None or not verdict.history:
        return None
    end = (
        max(verdict.by, board.now) if verdict.open and board.state == "open" else board.closed_at or board.now
    )
    span = max((end - start).total_seconds(), 60.0)

    def x(at: dt.datetime) -> float:
        return round(min(max((at - start).total_seconds() / span, 0), 1) * WIDE, 1)

    def y(places: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(places / max(verdict.required, 1), 1), 1)

    filled = "M0 70" + "".join(f"H{x(p.at)}V{y(p.filled)}" for p in verdict.history)
    ahead = verdict.forecast
    likely = "M" + "L".join(f"{x(p.at)} {y(p.filled)}" for p in ahead) if ahead else ""
    upper = [f"{x(p.at)} {y(p.high or 0)}" for p in ahead]
    lower = [f"{x(p.at)} {y(p.low or 0)}" for p in reversed(ahead)]
    return Curve(filled, likely, f"M{'L'.join([*upper, *lower])}Z" if ahead else "", x(board.now))


@register.filter
def km(metres: float) -> SafeString:
    """A distance in kilometres, one decimal under ten."""
    value = metres / 1000
    return format_html(
        '<bdi class="n">{}</bdi>',
        gettext("%(n)s km") % {"n": f"{value:.1f}" if value < 10 else f"{value:.0f}"},
    )


@register.simple_tag
def hidden(name: str, value: object) -> SafeString:
    """A hidden field."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)
