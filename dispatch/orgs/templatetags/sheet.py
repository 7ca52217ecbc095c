"""Invented figures for the components page, where every part of the pages stands in every state."""

import datetime as dt
from typing import Any

from django import template
from django.utils.translation import gettext, ngettext

from notifications import clock

register = template.Library()

TOKENS = (
    "bg", "surface", "raised", "hover", "line", "control", "text", "muted", "faint", "accent", "accent-tint",
    "wait", "reserve", "reserve-tint", "warn", "warn-ink", "warn-tint", "alarm",
)  # fmt: skip
STATES = (
    "asked", "delivered", "coming", "en_route", "arrived", "home_safe", "reserve", "declined", "stood_down",
    "no_show", "unreachable", "overdue",
)  # fmt: skip


def needs(by: dt.datetime) -> list[dict[str, Any]]:
    rescue = {"en": "Search & rescue", "ar": "البحث والإنقاذ"}
    medical = {"en": "Medical", "ar": "الإسعاف"}
    logistics = {"en": "Logistics", "ar": "الإمداد والنقل"}
    typing = {"en": "Data entry", "ar": "إدخال البيانات"}
    # name, group, required, arrived, en route, coming, silent, chance
    rows = (
        (rescue, "rescue", 24, 4, 6, 7, 21, 0.92),
        (medical, "medical", 12, 2, 3, 2, 8, 0.61),
        (logistics, "logistics", 6, 3, 2, 1, 3, None),
        (typing, "data", 8, 3, 0, 2, 6, 0.97),
    )
    return [
        {
            "name": name, "group": group, "remote": group == "data", "required": required, "arrived": arrived,
            "en_route": en_route, "coming": coming, "open": required - arrived - en_route - coming,
            "silent": silent, "probability": chance, "by": by, "full_since": by, "short": group == "medical",
        }
        for name, group, required, arrived, en_route, coming, silent, chance in rows
    ]  # fmt: skip


@register.simple_tag
def sheet() -> dict[str, Any]:
    """What components.html shows, as ``{% sheet as sheet %}``; nobody in it is real."""
    now = clock.now()
    return {
        "states": STATES,
        "messages": (
            ("queued", ""),
            ("sent", ""),
            ("delivered", ""),
            ("answered", "1 20"),
            ("failed", gettext("wrong number")),
            ("unknown", ""),
        ),
        "needs": needs(now + dt.timedelta(minutes=45)),
        "alarm": {
            "title": gettext("Salma Al-Dersi has not confirmed she is safe"),
            "facts": ngettext("%(n)s min overdue", "%(n)s min overdue", 12) % {"n": 12},
        },
        "short": {
            "title": gettext("Medical may fall short"),
            "text": ngettext(
                "Asking %(n)s more would raise the chance.", "Asking %(n)s more would raise the chance.", 14
            )
            % {"n": 14},
        },
        "eligible": ngettext("%(n)s eligible within 1 h.", "%(n)s eligible within 1 h.", 142) % {"n": 142},
        "refused": {
            "title": ngettext(
                "Not sent: the carrier refused %(n)s message",
                "Not sent: the carrier refused %(n)s messages",
                14,
            )
            % {"n": 14},
            "text": gettext("Nobody was asked twice."),
        },
        "since": now - dt.timedelta(seconds=40),
        "tokens": TOKENS,
    }
