"""What a worker has had of their study so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.models import Assignment, Worker
from annotator.pay.rewards import seconds_worked


@dataclass(frozen=True, slots=True)
class PastAssignment:
    """One unit that a worker has had, and what came of it."""

    unit: int
    status: str
    is_training: bool | None  # None as well where nothing is known of the unit
    is_qualification: bool | None
    is_control: bool | None
    active_seconds: float | None
    accepted_at: datetime
    submitted_at: datetime | None

    @property
    def is_practice(self) -> bool:
        return bool(self.is_training or self.is_qualification)

    @property
    def is_open(self) -> bool:
        return self.status == Assignment.Status.ACCEPTED

    @property
    def is_answered(self) -> bool:
        return self.status in Assignment.ANSWERED

    @property
    def seconds(self) -> float | None:
        """What it took; None before it is answered."""
        return seconds_worked(self.active_seconds, self.accepted_at, self.submitted_at)


def past_assignments(worker: Worker) -> list[PastAssignment]:
    """Everything that the worker ever took, the first first, in one query."""
    rows = worker.assignments.order_by("pk").values_list(
        "unit_id",
        "status",
        "unit__known__for_training",
        "unit__known__for_qualification",
        "unit__known__for_control",
        "trace__active_seconds",
        "accepted_at",
        "submitted_at",
    )
    return [PastAssignment(*row) for row in rows]


def share_used(had: Iterable[PastAssignment]) -> int:
    """How many of them count towards a worker's share: practice and what was given up do not."""
    return sum(not one.is_practice and one.status not in Assignment.GIVEN_UP for one in had)
