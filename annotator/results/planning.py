"""What was planned before the data: hypotheses, rules, thresholds, exclusions, stopping."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotator.models import Study


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it was frozen. `answer_count`: answers that were there already."""

    plan: Mapping[str, Any]
    sha256: str
    at: datetime
    answer_count: int


def plans_of(study: Study) -> tuple[PlanRow, ...]:
    """The plans of a study, the first first, in one query."""
    rows = study.preregistrations.order_by("pk")
    return tuple(PlanRow(*row) for row in rows.values_list("plan", "sha256", "at", "answer_count"))
