"""What became of a study's assignments, counted by unit."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from annotator.models import Assignment, Hit, Study
from annotator.models.gold import practice
from annotator.models.rows import named_rows
from annotator.results.loading.answers import UNIT_PATHS, Crowd, UnitName, UnitRow, crowd_of


@dataclass(frozen=True, slots=True)
class AssignmentRow(UnitRow):
    """How many assignments of a unit have a status, by kind of worker."""

    kind: str
    status: str
    count: int

    @property
    def crowd(self) -> Crowd:
        return crowd_of(self.kind)


@dataclass(frozen=True, slots=True)
class AssignmentCounts:
    """How many of a unit's assignments were accepted, and of these returned or expired.

    Units that workers return often are probably the hard ones.
    """

    accepted: int = 0
    returned: int = 0
    expired: int = 0

    @property
    def return_rate(self) -> float | None:
        """Returned / accepted; None where no worker accepted the unit."""
        return self.returned / self.accepted if self.accepted else None


NO_ASSIGNMENTS = AssignmentCounts()


def assignment_counts(assignments: Iterable[AssignmentRow]) -> dict[UnitName, AssignmentCounts]:
    """Count the loaded assignments of each unit."""
    counts: dict[UnitName, Counter[str]] = {}
    for row in assignments:
        counts.setdefault(row.unit_name, Counter())[row.status] += row.count
    return {
        name: AssignmentCounts(of_unit.total(), of_unit["returned"], of_unit["expired"])
        for name, of_unit in counts.items()
    }


def load_assignments(study: Study) -> tuple[AssignmentRow, ...]:
    """Load the assignments that name a study's units, counted, in one query."""
    assignments = Assignment.objects.filter(
        hit__kind=Hit.Kind.NAMING, unit__layer__network__study=study
    ).exclude(practice("unit__"))
    # What was taken back is in no report, as if it had never been accepted.
    assignments = assignments.exclude(status=Assignment.Status.WITHDRAWN)
    paths = {**UNIT_PATHS, "kind": "worker__kind", "status": "status"}
    by_status = assignments.values(*paths.values()).annotate(count=Count("pk")).order_by("unit")
    return tuple(named_rows(AssignmentRow, by_status, {**paths, "count": "count"}))
