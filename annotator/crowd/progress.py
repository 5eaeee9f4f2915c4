"""How far a worker has come."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from annotator.crowd.choosing import GIVEN_UP, places_left
from annotator.crowd.leases import OPEN
from annotator.models import Hit, Place, Worker


@dataclass(frozen=True)
class Progress:
    """Counts of HITs: answered, and what is there for the worker in all."""

    done: int
    of: int
    is_open: bool  # one is accepted and waits for its answer


def progress(worker: Worker) -> Progress:
    """Count what a worker has answered and may still answer as things stand now.

    The second number is a promise for this moment only: other workers take places too.
    """
    rows = worker.assignments.values_list("unit_id", "status")
    had = {unit for unit, _ in rows}
    done = sum(status not in (*OPEN, *GIVEN_UP) for _, status in rows)
    accepted = sum(status == "accepted" for _, status in rows)
    free = Exists(Place.objects.free().filter(hit=OuterRef("pk")))
    offered = Hit.objects.filter(free, unit__layer__network__study=worker.study_id)
    offered = offered.exclude(status=Hit.Status.DISPOSED).exclude(unit_id__in=had)
    left = max(0, min(places_left(worker), offered.count()))
    return Progress(done=done, of=done + accepted + left, is_open=bool(accepted))
