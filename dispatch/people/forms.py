"""What the people pages take: a search, a decision about a claim, the hours somebody can be called."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.orgs.templatetags.numbers import by_language

DAYS, HOURS = 7, 24


class SearchForm(forms.Form):
    """The filters above the list. skills, regions: (value, words) pairs."""

    q = forms.CharField(required=False, max_length=100, label=_("Name"), strip=True)
    skill = forms.ChoiceField(required=False, label=_("Skill"))
    region = forms.ChoiceField(required=False, label=_("Region"))
    claims = forms.ChoiceField(
        required=False,
        label=_("Claims"),
        choices=[("", _("Any")), ("waiting", _("Waiting to be verified")), ("lapsed", _("Lapsed"))],
    )
    specialty = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, skills: Iterable[dict[str, Any]], regions: Iterable[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        named = sorted((by_language(s["name"]), s["code"]) for s in skills)
        self.fields["skill"].choices = [("", _("Any")), *((code, name) for name, code in named)]  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", _("Any")), ("none", _("No region")), *regions]  # type: ignore[attr-defined]


class AvailabilityForm(forms.Form):
    """168 hours as the values 0..167 of one field, and the end of a leave in the society's time."""

    hours = forms.TypedMultipleChoiceField(
        required=False, coerce=int, choices=[(n, n) for n in range(DAYS * HOURS)], empty_value=[]
    )
    unavailable_until = forms.DateTimeField(
        required=False,
        label=_("Not before"),
        help_text=_("During a leave nobody is called; leave it empty when there is none."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def weekly_hours(self) -> str:
        """The 168 characters of a valid form, Monday 00:00 first."""
        chosen = set(self.cleaned_data["hours"])
        return "".join("1" if n in chosen else "0" for n in range(DAYS * HOURS))

    def until(self) -> dt.datetime | None:
        """The end of the leave of a valid form."""
        end: dt.datetime | None = self.cleaned_data["unavailable_until"]
        return end
