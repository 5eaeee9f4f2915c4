"""How far a worker has come."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotator.crowd.scheduling.history import PastAssignment, past_assignments
from annotator.crowd.scheduling.qualification import Practice, Stage, practice_units, stage
from annotator.crowd.scheduling.scheduler import places_left
from annotator.models import Hit, Place, Worker
from annotator.models.gold import practice
from annotator.pay.rewards import minutes_for

MINUTES_UP_TO = 120  # from here on hours


@dataclass(frozen=True)
class Progress:
    """Counts of HITs: answered, and what is there for the worker in all.

    Attributes:
        is_open: one is accepted and waits for its answer.
        minutes_left: what the rest will take, at the worker's own pace as soon as there is one.
        stage: training, qualification, work, or failed: the qualification went wrong.
    """

    done: int
    of: int
    is_open: bool
    minutes_left: int
    stage: Stage = Stage.WORK

    @property
    def hours_left(self) -> int:
        """The same in hours, from two of them on; 0 where minutes say it better."""
        return round(self.minutes_left / 60) if self.minutes_left >= MINUTES_UP_TO else 0


def progress(worker: Worker) -> Progress:
    """Count what a worker has answered and may still answer as things stand now.

    The second number is a promise for this moment only: other workers take places too.
    """
    had, units = past_assignments(worker), practice_units(worker.study)
    found = stage(worker, units, had)
    done = sum(one.is_answered for one in had)
    accepted = sum(one.status == "accepted" for one in had)
    left = accepted + _still_to_come(worker, found, units, had)
    return Progress(
        done=done,
        of=done + left,
        is_open=bool(accepted),
        minutes_left=minutes_for(left, (one.seconds for one in had)),
        stage=found,
    )


def _still_to_come(worker: Worker, found: Stage, units: Practice, had: list[PastAssignment]) -> int:
    """HITs that the worker has not taken yet, practice included."""
    if found == Stage.FAILED or worker.excluded_at:
        return 0
    taken = {one.unit for one in had}
    practised = units.training if found == Stage.TRAINING else frozenset()
    if found != Stage.WORK and worker.study.pass_mark is not None:
        practised |= units.qualification
    free = Exists(Place.objects.free().filter(hit=OuterRef("pk")))
    offered = Hit.objects.filter(free, unit__layer__network__study=worker.study_id)
    offered = offered.exclude(status=Hit.Status.DISPOSED).exclude(practice("unit__"))
    fresh = Count("unit", distinct=True, filter=~Q(unit__in=taken))
    count = offered.aggregate(count=fresh)["count"]
    return len(practised - taken) + max(0, min(places_left(worker, had), count))
