"""What became of a study's assignments: counted for each worker, and returns for each unit.

Units that workers give back are probably the hard ones (METHODS.md, "Exclusions").
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Subquery

from annotator.models import Assignment, Hit, Study, Worker
from annotator.models.rows import named_rows

Status = Assignment.Status


@dataclass(frozen=True)
class RosterRow:
    """One worker's assignments, counted by what became of them.

    Attributes:
        open: accepted or lapsed, not answered yet.
        share: the worker's share of all answers of the study.
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


def roster(study: Study) -> QuerySet[Worker]:
    """The roster: the workers who took an assignment, most answers first, as `counted` has them."""
    workers = Worker.objects.filter(study=study, assignments__isnull=False)
    return counted(study, workers).order_by("-answered", "pk")


def counted(study: Study, workers: QuerySet[Worker]) -> QuerySet[Worker]:
    """Workers of a study with the counts of which `roster_row` makes a row; `taken` are all."""

    def having(*statuses: str) -> Count:
        return Count("assignments", filter=Q(assignments__status__in=statuses))

    # It names the study itself, so that the database counts once and not for every worker.
    answers = Assignment.objects.filter(worker__study=study, status__in=Assignment.ANSWERED)
    total = answers.order_by().values("worker__study").annotate(count=Count("pk")).values("count")
    return workers.annotate(
        total=Subquery(total),
        taken=Count("assignments"),
        answered=having(*Assignment.ANSWERED),
        waiting=having(Status.SUBMITTED),
        approved=having(Status.APPROVED),
        soft_rejected=having(Status.SOFT_REJECTED),
        rejected=having(Status.REJECTED),
        returned=having(Status.RETURNED),
        open=having(*Assignment.OPEN),
        last_at=Max("assignments__submitted_at"),
    )


def roster_row(worker: Worker) -> RosterRow:
    """The row of a worker of the roster."""
    names = ["answered", "waiting", "approved", "soft_rejected", "rejected", "returned", "open"]
    counts = {name: getattr(worker, name) for name in names}
    share = worker.answered / worker.total if worker.total else 0.0
    return RosterRow(worker=worker, **counts, last_at=worker.last_at, share=share)


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """What became of a unit's naming HIT. `accepted` counts every assignment ever taken."""

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
        """The return rate: returned / accepted."""
        return self.returned / self.accepted


def return_rates(study: Study) -> list[ReturnRate]:
    """Every unit that workers of the roster returned, the highest rate first, in one query."""
    assignments = Assignment.objects.filter(
        unit__layer__network__study=study, hit__kind=Hit.Kind.NAMING
    )
    paths = {
        "unit": "unit",
        "number": "unit__number",
        "layer": "unit__layer__display_name",
        "network": "unit__layer__network__display_name",
        "hit": "hit__key",
    }
    by_unit = assignments.values(*paths.values()).annotate(
        accepted=Count("pk"),
        returned=Count("pk", filter=Q(status=Status.RETURNED)),
        expired=Count("pk", filter=Q(status=Status.EXPIRED)),
    )
    counts = {name: name for name in ("accepted", "returned", "expired")}
    returned = by_unit.filter(returned__gt=0).order_by("unit")
    rates = list(named_rows(ReturnRate, returned, paths | counts))
    return sorted(rates, key=lambda row: (-row.rate, -row.returned, row.unit))


def return_reasons(hit: Hit) -> list[str]:
    """The roster's reasons: why a HIT was returned, in its workers' words, the earliest first."""
    returned = hit.assignments.exclude(return_reason="").order_by("pk")
    return list(returned.values_list("return_reason", flat=True))
