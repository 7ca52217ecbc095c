"""The board as JSON."""

from typing import Any

from rest_framework import serializers

from dispatch.readiness import rules
from dispatch.readiness.queries import Board, Cell, Gap, Row, specialties


class SpecialtySerializer(serializers.Serializer[Any]):
    """A column; name is {ar, en}."""

    code = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField())


class CellSerializer(serializers.Serializer[Cell]):
    """Persons of one specialty in one region."""

    specialty = serializers.CharField(source="specialty.code")
    ready = serializers.IntegerField()
    taken = serializers.IntegerField(help_text="in a call-out, this society's or another's")
    away = serializers.IntegerField(help_text="have the skill and are not available this hour")
    target = serializers.IntegerField()
    proposed = serializers.BooleanField(help_text="the target is proposed from the population, nobody set it")
    status = serializers.ChoiceField(choices=["ok", "low", "crit"])


class RowSerializer(serializers.Serializer[Row]):
    """A region with its cells and the crews it can form, by minutes to its largest city and kind."""

    region_id = serializers.UUIDField(source="region.id")
    code = serializers.CharField(source="region.code")
    name = serializers.DictField(source="region.name", child=serializers.CharField())
    population = serializers.IntegerField(source="region.population")
    cells = CellSerializer(many=True)
    crews = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class GapSerializer(serializers.Serializer[Gap]):
    """A cell below target and its remedy."""

    region_id = serializers.UUIDField(source="region.id")
    specialty = serializers.CharField(source="cell.specialty.code")
    ready = serializers.IntegerField(source="cell.ready")
    target = serializers.IntegerField(source="cell.target")
    status = serializers.CharField(source="cell.status")
    remedy = serializers.ChoiceField(choices=["verify", "renew", "ask_branch"])
    number = serializers.IntegerField(help_text="people the remedy concerns")


class BoardSerializer(serializers.Serializer[Board]):
    """Readiness at one moment of the service's clock; gaps worst first."""

    counted_at = serializers.DateTimeField()
    specialties = SpecialtySerializer(many=True)
    regions = RowSerializer(many=True, source="rows")
    gaps = GapSerializer(many=True)
    ready = serializers.IntegerField(help_text="people ready now, each once")
    places_filled = serializers.IntegerField()
    target = serializers.IntegerField()
    no_region = serializers.DictField(source="homeless", child=serializers.IntegerField())
    crews = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text=f"each kind's number within {', '.join(map(str, rules.BANDS))} minutes",
    )


class TargetsSerializer(serializers.Serializer[dict[str, dict[str, int]]]):
    """New targets of a region by specialty."""

    targets = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=100_000), allow_empty=False
    )

    def validate_targets(self, targets: dict[str, int]) -> dict[str, int]:
        known = {specialty.code for specialty in specialties()}
        if unknown := sorted(targets.keys() - known):
            raise serializers.ValidationError(f"No such specialty: {', '.join(unknown)}.")
        return targets
