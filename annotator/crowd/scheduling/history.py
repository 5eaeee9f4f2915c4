"""History: the assignments that a worker has taken so far."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from annotator.models import Assignment, Worker
from annotator.models.named_rows import named_rows
from annotator.pay.work_time import seconds_worked


class PastAssignment(NamedTuple):
    """One assignment of a worker, and what came of it.

    Attributes:
        unit, hit: their pks.
        is_training, is_qualification, is_control: the uses of a gold unit; None for other units.
    """

    unit: int
    hit: int
    status: str
    is_training: bool | None
    is_qualification: bool | None
    is_control: bool | None
    active_seconds: float | None = None
    accepted_at: datetime | None = None
    submitted_at: datetime | None = None

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
        """The time that it took; None before it is answered, and where times were not loaded."""
        if self.accepted_at is None:
            return None
        return seconds_worked(self.active_seconds, self.accepted_at, self.submitted_at)


PATHS = {
    "unit": "unit_id",
    "hit": "hit_id",
    "status": "status",
    "is_training": "unit__known__for_training",
    "is_qualification": "unit__known__for_qualification",
    "is_control": "unit__known__for_control",
}
TIME_PATHS = {
    "active_seconds": "trace__active_seconds",
    "accepted_at": "accepted_at",
    "submitted_at": "submitted_at",
}


def past_assignments(worker: Worker, with_times: bool = False) -> list[PastAssignment]:
    """A worker's history: all assignments so far, the earliest first, in one query.

    Args:
        with_times: load how long each took, too.
    """
    paths = PATHS | TIME_PATHS if with_times else PATHS
    rows = worker.assignments.order_by("pk")
    return list(named_rows(PastAssignment, rows, paths))


def share_used(past: Iterable[PastAssignment]) -> int:
    """How many of a worker's past assignments count towards the share of the study.

    Practice and what was given up do not count.
    """
    return sum(not row.is_practice and row.status not in Assignment.GIVEN_UP for row in past)
