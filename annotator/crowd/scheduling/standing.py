"""A worker's standing and history: what decides whether they get a HIT, and what they had so far.

Each is read in one query.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from annotator.crowd.access.consent import newest_is_agreed
from annotator.crowd.scheduling.queue import queue_version, shared_places
from annotator.database.prepared_queries import Parameter, prepared_rows
from annotator.models import Assignment, KnownAnswer, Worker
from annotator.pay.work_time import seconds_worked

WORKERS = Worker.objects.filter(pk=Parameter("worker")).annotate(**{
    "agreed": newest_is_agreed(),
    "has_simulated": Exists(
        Worker.objects.filter(study=OuterRef("study"), kind=Worker.Kind.SIMULATED)
    ),
    "version": Subquery(queue_version(OuterRef("study"))),
    "has_gold": Exists(KnownAnswer.objects.all()),
})  # fmt: skip
PAST_PATHS = {
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


class Standing(NamedTuple):
    """The state of a worker and of their study, as the database has it now.

    Attributes:
        agreed: whether they agreed to the study's newest consent text; None if it has no text.
        has_simulated: whether simulated workers answer the study.
        version: of the study's queue (`queue_version`); None if it has no HITs.
        has_gold: whether any unit of the installation has a known answer.
    """

    kind: str
    excluded_at: datetime | None
    paused_at: datetime | None
    budget_cents: int | None
    agreed: bool | None
    has_simulated: bool
    version: str | None
    has_gold: bool

    @property
    def needs_consent(self) -> bool:
        """Whether a person has yet to agree to the newest text."""
        return self.kind == Worker.Kind.PERSON and self.agreed is False


PATHS = {name: name for name in Standing._fields} | {
    "paused_at": "study__paused_at",
    "budget_cents": "study__budget_cents",
}
_standings = prepared_rows(Standing, WORKERS, PATHS)
_locked_standings = prepared_rows(
    Standing, WORKERS.select_for_update(of=("self",), no_key=True), PATHS
)


def standing_of(worker: Worker, lock: bool = False) -> Standing:
    """Read a worker's standing.

    Args:
        lock: lock the worker's row until the transaction ends, so that one request of theirs runs
            at a time.
    """
    (standing,) = (_locked_standings if lock else _standings)(worker=worker.pk)
    return standing


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


_ASSIGNMENTS = Assignment.objects.filter(worker=Parameter("worker")).order_by("pk")
_past = prepared_rows(PastAssignment, _ASSIGNMENTS, PAST_PATHS)
_past_with_times = prepared_rows(PastAssignment, _ASSIGNMENTS, PAST_PATHS | TIME_PATHS)


def past_assignments(worker: Worker, with_times: bool = False) -> list[PastAssignment]:
    """The history that a worker's standing comes with: all assignments so far, earliest first.

    Args:
        with_times: load how long each took, too.
    """
    return (_past_with_times if with_times else _past)(worker=worker.pk)


def share_used(past: Iterable[PastAssignment]) -> int:
    """The standing of a worker in their share of the study: how many assignments count toward it.

    Practice and what was given up do not count.
    """
    return sum(not row.is_practice and row.status not in Assignment.GIVEN_UP for row in past)


def places_left(
    worker: Worker, past: Iterable[PastAssignment], place_count: int | None = None
) -> int:
    """How many more places a worker may get, by their standing in the study; everybody gets one.

    Args:
        place_count: `shared_places` of the study, if they were counted already.
    """
    if place_count is None:
        place_count = shared_places(worker.study)
    most = math.ceil(worker.study.worker_share * place_count)
    return max(1, most) - share_used(past)
