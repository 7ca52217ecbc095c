"""What a dispatcher fills in to launch a call-out; plain checks only, the actions decide."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dispatch.callouts.rules.urgency import BY_HAND, CONFIDENCE
from dispatch.people.queries import skills

KINDS = (
    ("flood", pgettext_lazy("incident", "Flood")),
    ("earthquake", pgettext_lazy("incident", "Earthquake")),
    ("fire", pgettext_lazy("incident", "Fire")),
    ("storm", pgettext_lazy("incident", "Storm")),
    ("heat", pgettext_lazy("incident", "Heatwave")),
    ("landslide", pgettext_lazy("incident", "Landslide")),
    ("epidemic", pgettext_lazy("incident", "Epidemic")),
    ("conflict", pgettext_lazy("incident", "Conflict")),
    ("other", pgettext_lazy("incident", "Other emergency")),
)
URGENCIES = (
    ("life", _("Life at risk")),
    ("urgent", _("Urgent")),
    ("planned", _("Planned")),
)
RADII_KM = (10, 25, 50, 100, 200, 400)
WITHIN_MIN = (30, 60, 120, 240, 480)
MOST_PLACES = 500


@dataclass(frozen=True)
class Row:
    """One row of the needs table, checked."""

    skill_id: UUID
    code: str
    required: int
    remote: bool


class UrgencyForm(forms.Form):
    """How sure the dispatcher wants to be."""

    urgency = forms.ChoiceField(choices=URGENCIES, initial="life")

    @property
    def confidence(self) -> float:
        return CONFIDENCE[self.cleaned_data["urgency"]]


class LaunchForm(UrgencyForm):
    """A new incident and its call-out. Needs come as parallel lists `skill`, `required`, `where`.

    `key` is made with the dialog: however often it is sent, one incident comes of it.
    """

    key = forms.UUIDField(required=False)
    lon = forms.FloatField(min_value=-180, max_value=180)
    lat = forms.FloatField(min_value=-90, max_value=90)
    kind = forms.ChoiceField(choices=KINDS, initial="flood", label=_("What happened"))
    place_ar = forms.CharField(max_length=14, label=_("Place, Arabic"))
    place_en = forms.CharField(max_length=20, label=_("Place, English"))
    muster_ar = forms.CharField(max_length=60, required=False, label=_("Muster point, Arabic"))
    muster_en = forms.CharField(max_length=60, required=False, label=_("Muster point, English"))
    radius_km = forms.TypedChoiceField(choices=[(km, km) for km in RADII_KM], coerce=int, initial=100)
    within_min = forms.TypedChoiceField(choices=[(m, m) for m in WITHIN_MIN], coerce=int, initial=60)
    is_drill = forms.BooleanField(required=False)

    rows: list[Row]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.rows = self._rows()
        return cleaned

    def _rows(self) -> list[Row]:
        known = {skill["code"]: skill for skill in skills()}
        data: Any = self.data
        rows: list[Row] = []
        lists = (data.getlist("skill"), data.getlist("required"), data.getlist("where"))
        for code, required, where in zip(*lists, strict=False):
            if code not in known:
                raise forms.ValidationError(gettext("Choose a skill from the list."))
            if not required.isdigit() or not 0 < int(required) <= MOST_PLACES:
                raise forms.ValidationError(
                    gettext("Places must be a number from 1 to %(most)s.") % {"most": MOST_PLACES}
                )
            if any(row.code == code for row in rows):
                raise forms.ValidationError(gettext("A skill is listed twice; put its places in one row."))
            rows.append(Row(known[code]["id"], code, int(required), where == "remote"))
        if not rows:
            raise forms.ValidationError(gettext("Add at least one need: a skill and how many people."))
        return rows

    def names(self, prefix: str) -> dict[str, str]:
        """{ar, en} of `place` or `muster`; empty where nothing was given."""
        both = {language: self.cleaned_data.get(f"{prefix}_{language}", "") for language in ("ar", "en")}
        return {language: name for language, name in both.items() if name}

    def report_by(self, now: dt.datetime) -> dt.datetime:
        """When people are wanted, so many minutes from now."""
        return now + dt.timedelta(minutes=self.cleaned_data["within_min"])


class AskForm(forms.Form):
    """How many more to ask, for which need."""

    need = forms.UUIDField()
    more = forms.IntegerField(min_value=1, max_value=500)


class StandDownForm(forms.Form):
    """Whom to stand down: one need or all, with or without those coming."""

    need = forms.UUIDField(required=False)
    include_coming = forms.BooleanField(required=False)


class AnswerForm(forms.Form):
    """What a dispatcher sets for a person: a word of the reply grammar, or no_show."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in BY_HAND])
    minutes = forms.IntegerField(min_value=1, max_value=24 * 60, required=False)
