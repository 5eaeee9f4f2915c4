"""A worker's standing: in one query, everything that decides whether they get a HIT now."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from annotator.crowd.access.consent import newest_is_agreed
from annotator.crowd.scheduling.queue import queue_version
from annotator.models import KnownAnswer, Worker
from annotator.models.named_rows import named_rows


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


# Built once, because building the query takes longer than running it.
WORKERS = Worker.objects.annotate(**{
    "agreed": newest_is_agreed(),
    "has_simulated": Exists(
        Worker.objects.filter(study=OuterRef("study"), kind=Worker.Kind.SIMULATED)
    ),
    "version": Subquery(queue_version(OuterRef("study"))),
    "has_gold": Exists(KnownAnswer.objects.all()),
})  # fmt: skip
PATHS = {name: name for name in Standing._fields} | {
    "paused_at": "study__paused_at",
    "budget_cents": "study__budget_cents",
}


def standing_of(worker: Worker, lock: bool = False) -> Standing:
    """Read a worker's standing.

    Args:
        lock: lock the worker's row until the transaction ends, so that one request of theirs runs
            at a time.
    """
    rows = WORKERS.filter(pk=worker.pk)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return next(named_rows(Standing, rows, PATHS))
