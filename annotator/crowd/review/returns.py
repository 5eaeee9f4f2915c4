"""Units that workers give back: probably the hard ones (METHODS.md, "Exclusions")."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from annotator.models import Assignment, Hit, Study

Status = Assignment.Status


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """What became of a unit's naming HIT. rate: returned / accepted, the expired ones too."""

    unit: int
    number: int
    layer: str
    network: str
    hit: str
    accepted: int
    returned: int
    expired: int

    @property
    def rate(self) -> float:
        return self.returned / self.accepted


def return_rates(study: Study) -> list[ReturnRate]:
    """Every unit that was returned, the highest rate first, in one query."""
    assignments = Assignment.objects.filter(
        unit__layer__network__study=study, hit__kind=Hit.Kind.NAMING
    )
    by_unit = assignments.values_list(
        "unit", "unit__number", "unit__layer__name", "unit__layer__network__name", "hit__key"
    ).annotate(
        accepted=Count("pk"),
        returned=Count("pk", filter=Q(status=Status.RETURNED)),
        expired=Count("pk", filter=Q(status=Status.EXPIRED)),
    )
    found = [ReturnRate(*values) for values in by_unit.filter(returned__gt=0).order_by("unit")]
    return sorted(found, key=lambda row: (-row.rate, -row.returned, row.unit))


def return_reasons(hit: Hit) -> list[str]:
    """Why a HIT was returned, in its workers' words."""
    said = hit.assignments.exclude(return_reason="").order_by(F("pk"))
    return list(said.values_list("return_reason", flat=True))
