"""Preregistered plans as they were frozen, and the looks that a report sets beside them.

Looks are those at results before the planned answers were in, and changes of the number of answers
after one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from annotator.models import AuditRow, Study
from annotator.models.audit import ADAPTIVE, LOOK, LOWER, RAISE
from annotator.models.rows import named_rows

# The actions by which the number of answers for a unit changes.
CHANGES = (RAISE, LOWER, ADAPTIVE)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it was frozen. `answer_count` counts the answers that existed at that moment."""

    plan: Mapping[str, Any]
    sha256: str
    at: datetime
    answer_count: int


def load_plans(study: Study) -> tuple[PlanRow, ...]:
    """Load the preregistered plans of a study, oldest first, in one query."""
    names = [field.name for field in fields(PlanRow)]
    rows = study.preregistrations.order_by("pk")
    return tuple(named_rows(PlanRow, rows, dict(zip(names, names, strict=True))))


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen of a study's results, and what was changed after it.

    Attributes:
        early: times that somebody asked to see results before the planned answers were in.
        extensions: times that the number of answers for a unit was raised or lowered after
            somebody had seen results, early or complete.
        first_planned: the answers for a unit that were planned before the first such change;
            headline numbers use these. None without one.
    """

    early: int = 0
    extensions: int = 0
    first_planned: int | None = None


def load_looks(study: Study) -> Looks:
    """Load what a report sets beside preregistered plans: the looks, from the audit trail."""
    rows = AuditRow.objects.filter(study=study, action__in=(LOOK, *CHANGES)).order_by("pk")
    early, extensions, plans, has_looked = 0, 0, [], False
    for action, detail in rows.values_list("action", "detail"):
        if action == LOOK:
            has_looked = True
            early += bool(detail["is_early"])
        elif has_looked:
            extensions += 1
            plans += detail.get("assignments_wanted", [])[:1]  # adaptive answers are not planned
    return Looks(early, extensions, plans[0] if plans else None)
