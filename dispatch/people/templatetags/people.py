"""What the people pages write: numbers nobody can call, and the n-th of a list."""

from collections.abc import Sequence
from typing import TypeVar

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dispatch.people.rules import mask

register = template.Library()
T = TypeVar("T")


@register.filter
def masked(phone: str) -> SafeString:
    """A phone number as whoever need not call it sees it, always left to right."""
    return format_html('<bdi class="n ltr muted" dir="ltr">{}</bdi>', mask(phone))


@register.filter
def nth(items: Sequence[T], position: int) -> T:
    """The item at a position, counted from 0."""
    return items[position]
