"""The form of a region's targets."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.orgs.templatetags.numbers import by_language
from dispatch.readiness.queries import Cell


class TargetsForm(forms.Form):
    """One number per specialty; fields are named by the specialty's code."""

    def __init__(self, cells: Iterable[Cell], data: Any = None) -> None:
        super().__init__(data)
        for cell in cells:
            self.fields[cell.specialty.code] = forms.IntegerField(
                label=by_language(cell.specialty.name),
                initial=cell.target,
                min_value=0,
                max_value=100_000,
                help_text=_("Proposed from the population.") if cell.proposed else "",
            )
