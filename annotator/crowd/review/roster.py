"""How far each annotator of a study has come, for those who run it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from annotator.models import Assignment, Study, Worker

Status = Assignment.Status


@dataclass(frozen=True)
class RosterRow:
    """One worker's assignments, counted by what became of them.

    Attributes:
        open: accepted or lapsed, without an answer so far.
        share: of all answers of the study.
    """

    worker: Worker
    answered: int
    waiting: int
    approved: int
    soft_rejected: int
    rejected: int
    returned: int
    open: int
    last_at: datetime | None
    share: float


def roster(study: Study) -> list[RosterRow]:
    """Every worker who took something, those with most answers first, in one query."""
    workers = Worker.objects.filter(study=study, assignments__isnull=False)
    counted = list(_counted(workers))
    total = sum(worker.answered for worker in counted)
    rows = [_row(worker, total) for worker in counted]
    return sorted(rows, key=lambda row: (-row.answered, row.worker.pk))


def _counted(workers: QuerySet[Worker]) -> Iterable[Worker]:
    def having(*statuses: str) -> Count:
        return Count("assignments", filter=Q(assignments__status__in=statuses))

    return workers.annotate(
        answered=having(*Assignment.ANSWERED),
        waiting=having(Status.SUBMITTED),
        approved=having(Status.APPROVED),
        soft_rejected=having(Status.SOFT_REJECTED),
        rejected=having(Status.REJECTED),
        returned=having(Status.RETURNED),
        open=having(*Assignment.OPEN),
        last_at=Max("assignments__submitted_at"),
    )


def _row(worker: Worker, total: int) -> RosterRow:
    names = ["answered", "waiting", "approved", "soft_rejected", "rejected", "returned", "open"]
    counts = {name: getattr(worker, name) for name in names}
    share = worker.answered / total if total else 0.0
    return RosterRow(worker=worker, **counts, last_at=worker.last_at, share=share)
