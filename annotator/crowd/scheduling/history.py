"""History: the assignments that a worker has taken so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.models import Assignment, Worker
from annotator.pay.work_time import seconds_worked


@dataclass(frozen=True, slots=True)
class PastAssignment:
    """One assignment of a worker, and what came of it.

    Attributes:
        is_training, is_qualification, is_control: the uses of a gold unit; None for other units.
    """

    unit: int
    status: str
    is_training: bool | None
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
        """The time that it took; None before it is answered."""
        return seconds_worked(self.active_seconds, self.accepted_at, self.submitted_at)


def past_assignments(worker: Worker) -> list[PastAssignment]:
    """A worker's history: all assignments so far, the earliest first, in one query."""
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


def share_used(past: Iterable[PastAssignment]) -> int:
    """How many of a worker's past assignments count towards the share of the study.

    Practice and what was given up do not count.
    """
    return sum(not row.is_practice and row.status not in Assignment.GIVEN_UP for row in past)
