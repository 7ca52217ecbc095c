"""What every page needs beside its data: icons, the clock, and how each state looks (LOOK.md, States)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy

from dispatch.orgs.queries import Actor
from notifications import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class Look:
    """One state on the page. family: the suffix of .st- (chips) and of .f- (icons in lists)."""

    icon: str
    family: str
    ink: str
    word: str | Promise
    flip: bool = False


# "coming" never "accepted"; a person's words are masculine generic in Arabic, as in the text messages.
STATES: Mapping[str, Look] = {
    "asked": Look("asked", "wait", "wait", pgettext_lazy("person", "Asked")),
    "delivered": Look("delivered", "wait", "wait", pgettext_lazy("person", "Delivered")),
    "coming": Look("coming", "accent", "accent", pgettext_lazy("person", "Coming")),
    "en_route": Look("enroute", "accent", "accent", pgettext_lazy("person", "En route"), flip=True),
    "arrived": Look("arrived", "solid", "accent", pgettext_lazy("person", "Arrived")),
    "home_safe": Look("home", "quiet", "wait", pgettext_lazy("person", "Home safe")),
    "reserve": Look("reserve", "reserve", "reserve", pgettext_lazy("person", "Reserve")),
    "declined": Look("declined", "quiet", "wait", pgettext_lazy("person", "Declined")),
    "stood_down": Look("stood", "quiet", "wait", pgettext_lazy("person", "Stood down")),
    "no_show": Look("noshow", "warn", "warn", pgettext_lazy("person", "No-show")),
    "unreachable": Look("unreach", "warn", "warn", pgettext_lazy("person", "Unreachable")),
    "overdue": Look("alarm", "alarm", "alarm", pgettext_lazy("person", "Overdue")),
}

# "sent" is not "delivered": without a receipt the word says so.
MESSAGE_STATES: Mapping[str, Look] = {
    "queued": Look("clock", "wait", "wait", pgettext_lazy("message", "queued")),
    "sending": Look("send", "wait", "wait", pgettext_lazy("message", "sending"), flip=True),
    "sent": Look("asked", "wait", "wait", pgettext_lazy("message", "sent, no receipt")),
    "delivered": Look("delivered", "wait", "wait", pgettext_lazy("message", "delivered")),
    "answered": Look("in", "accent", "accent", pgettext_lazy("message", "answered"), flip=True),
    "failed": Look("warn", "warn", "warn", pgettext_lazy("message", "failed")),
    "unknown": Look("clock", "warn", "warn", pgettext_lazy("message", "unknown, being checked")),
    "cancelled": Look("x", "wait", "wait", pgettext_lazy("message", "cancelled")),
    "expired": Look("clock", "wait", "wait", pgettext_lazy("message", "expired unsent")),
}

# Skill groups of the fixtures; a group without a picture of its own gets the badge.
GROUP_ICONS: Mapping[str, str] = {
    "rescue": "sar",
    "medical": "med",
    "health": "med",
    "logistics": "log",
    "data": "data",
    "information": "data",
    "psychosocial": "psy",
    "water": "water",
    "wash": "water",
    "shelter": "shelter",
    "language": "lang",
    "translation": "lang",
}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of parts/sprite.html; silent for screen readers, so a word stands beside it."""
    return format_html('<svg class="ic {}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)


@register.filter
def may(actor: Actor | None, what: str) -> bool:
    """Whether the member's role holds a permission."""
    return actor is not None and actor.may(what)


@register.filter
def state_look(state: str) -> Look:
    return STATES[state]


@register.filter
def message_look(state: str) -> Look:
    return MESSAGE_STATES[state]


@register.filter
def group_icon(group: str) -> str:
    return GROUP_ICONS.get(group, "skill")


CLOCK = (
    '<bdi class="clock n" data-clock data-epoch="{}" data-start="{}" data-speed="{}" data-zone="{}" '
    'title="{}">{}</bdi>'
)


@register.simple_tag
def domain_clock() -> SafeString:
    """The service's clock, ticking by js/clock.js; a drill's runs faster than the one on the wall.

    data-epoch is domain time, data-start real time, both of this moment; data-speed is the ratio.
    """
    now = clock.now()
    zone = timezone.get_current_timezone_name()
    return format_html(
        CLOCK,
        now.isoformat(),
        clock.real_now().isoformat(),
        f"{timedelta(hours=1) / clock.to_real(timedelta(hours=1)):g}",
        zone,
        gettext("Time of the service, %(zone)s") % {"zone": zone},
        timezone.localtime(now).strftime("%H:%M"),
    )
