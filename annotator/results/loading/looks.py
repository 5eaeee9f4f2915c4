"""Looks at results before the planned answers were in, and changes of the plan after one."""

from dataclasses import dataclass

from annotator.models import AuditRow, Study
from annotator.models.audit import ADAPTIVE, LOOK, LOWER, RAISE

# The actions by which the number of answers for a unit changes.
CHANGES = (RAISE, LOWER, ADAPTIVE)


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
    """Load the looks at a study's results from the audit trail, in one query."""
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
