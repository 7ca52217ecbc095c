"""Numbers, times and names as LOOK.md asks: isolated, digits 0-9, nouns by the language's own plural rule.

Load with ``{% load numbers %}``. Every filter that returns markup isolates the figure in ``<bdi>``, so that a
number never reorders the Arabic sentence around it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

register = template.Library()

NARROW_SPACE = "\u202f"

# The noun alone, by number: Arabic has six forms (7 شواغر but 15 شاغرًا), so the two are never just glued.
NOUNS: Mapping[str, Callable[[int], str]] = {
    "alarm": lambda n: ngettext("alarm", "alarms", n),
    "call-out": lambda n: ngettext("call-out", "call-outs", n),
    "crew": lambda n: ngettext("crew", "crews", n),
    "day": lambda n: ngettext("day", "days", n),
    "entry": lambda n: ngettext("entry", "entries", n),
    "gap": lambda n: ngettext("gap", "gaps", n),
    "hour": lambda n: ngettext("hour", "hours", n),
    "incident": lambda n: ngettext("incident", "incidents", n),
    "message": lambda n: ngettext("message", "messages", n),
    "minute": lambda n: ngettext("minute", "minutes", n),
    "need": lambda n: ngettext("need", "needs", n),
    "open": lambda n: ngettext("open", "open", n),
    "person": lambda n: ngettext("person", "people", n),
    "place": lambda n: ngettext("place", "places", n),
    "region": lambda n: ngettext("region", "regions", n),
    "reply": lambda n: ngettext("reply", "replies", n),
    "second": lambda n: ngettext("second", "seconds", n),
    "volunteer": lambda n: ngettext("volunteer", "volunteers", n),
}


def arabic() -> bool:
    return (get_language() or "en").startswith("ar")


@register.filter
def grouped(value: int) -> str:
    """48213 -> ``48 213`` with a narrow no-break space, in both languages."""
    return f"{int(value):,}".replace(",", NARROW_SPACE)


@register.filter
def num(value: int | None) -> SafeString | str:
    """An isolated integer; nothing for None."""
    return "" if value is None else format_html('<bdi class="n">{}</bdi>', grouped(value))


@register.filter
def pct(share: float | None) -> SafeString | str:
    """A share from 0 to 1 as ``58 %`` (English) or ``58%`` (Arabic).

    Neither 0 nor 100 is written unless it is exactly so: a forecast of 0.997 is 99, not a promise.
    """
    if share is None:
        return ""
    whole = round(share * 100)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return format_html('<bdi class="n ltr">{}{}%</bdi>', whole, "" if arabic() else NARROW_SPACE)


@register.filter
def minutes(value: float | None) -> SafeString | str:
    """``35 min`` / ``35 د``, rounded to whole minutes."""
    if value is None:
        return ""
    return format_html('<bdi class="n">{}</bdi>', gettext("%(n)s min") % {"n": grouped(round(value))})


@register.filter
def noun(n: int, name: str) -> str:
    """The noun that belongs to a number shown elsewhere: ``{{ 7|noun:"open" }}`` -> شواغر."""
    return NOUNS[name](int(n))


@register.filter
def count_noun(n: int, name: str) -> SafeString:
    """Number and noun in one isolated run: ``{{ 15|count_noun:"volunteer" }}``."""
    return format_html('<bdi class="n">{}\u00a0{}</bdi>', grouped(n), NOUNS[name](int(n)))


@register.filter
def out_of(part: int, whole: int) -> SafeString:
    """``17 of 24`` / ``17 من 24``; a slash would turn round in Arabic."""
    words = gettext("%(part)s of %(whole)s") % {"part": grouped(part), "whole": grouped(whole)}
    return format_html('<bdi class="n">{}</bdi>', words)


def wall_time(at: datetime | None, shape: str) -> SafeString | str:
    return (
        "" if at is None else format_html('<bdi class="n">{}</bdi>', timezone.localtime(at).strftime(shape))
    )


@register.filter
def hhmm(at: datetime | None) -> SafeString | str:
    """Wall clock of the current time zone, 24 hours."""
    return wall_time(at, "%H:%M")


@register.filter
def hhmmss(at: datetime | None) -> SafeString | str:
    """As hhmm, with seconds: for logs and for "not live since"."""
    return wall_time(at, "%H:%M:%S")


@register.filter
def phone(e164: str) -> SafeString:
    """A phone number, always left to right (``<bdi>`` alone would move the plus sign)."""
    return format_html('<bdi class="n ltr" dir="ltr">{}</bdi>', e164)


@register.filter
def by_language(names: Mapping[str, str] | str | None) -> str:
    """The name for the page's language out of {ar, en, ...}; else English, else any there is."""
    if names is None or isinstance(names, str):
        return names or ""
    for language in ((get_language() or "en").split("-")[0], "en", *names):
        if found := names.get(language):
            return found
    return ""


@register.filter
def times(n: int | None) -> range:
    """To repeat a mark n times: ``{% for _ in n|times %}``; a negative count is none."""
    return range(max(int(n or 0), 0))


@register.filter
def target_width(part: int, target: int) -> str:
    """A readiness bar's length as an SVG width: it ends at 120 % of the target; a target of 0 is met."""
    share = part / target if target else 1.2
    return f"{min(share / 1.2, 1.0) * 100:.1f}%"
