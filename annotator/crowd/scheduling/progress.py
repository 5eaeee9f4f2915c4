"""Progress: how much a worker has done, and how much is left for them and in the study's layers.

Counting what is left reads every HIT. A page need not do that each time: in a large study the count
is some seconds old. What decides whether a HIT is handed out is never read from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotator.crowd.scheduling.gold_units import Practice, practice_units
from annotator.crowd.scheduling.qualification import Stage, stage
from annotator.crowd.scheduling.queue import MAX_STUDIES, shared_places
from annotator.crowd.scheduling.standing import PastAssignment, past_assignments, places_left
from annotator.models import Hit, KnownAnswer, Place, Study, Worker
from annotator.models.gold import practice
from annotator.models.hit import hits_of
from annotator.pay.work_time import minutes_for

MAX_COUNTED = 1500  # places: if there are more, every TALLY_SECONDS; else for each page
TALLY_SECONDS = 10
_tallies: dict[str, "Tally"] = {}  # by the study's key, in this process
NO_PRACTICE = Practice(frozenset(), frozenset())
MIN_MINUTES_IN_HOURS = 120  # from here on, hours are shown


@dataclass(frozen=True)
class Tally:
    """What is left of a study, as it was counted at a moment.

    Attributes:
        open_units: units of HITs with a free place; practice is not among them.
        place_count: `shared_places`.
        counted_at: seconds of a clock of this process.
    """

    open_units: frozenset[int]
    place_count: int
    counted_at: float


def tally_of(study: Study) -> Tally:
    """Count what is left of a study; of a large one it may have been counted some seconds ago."""
    last = _tallies.get(study.key)
    if last and last.place_count > MAX_COUNTED and monotonic() - last.counted_at < TALLY_SECONDS:
        return last
    if len(_tallies) >= MAX_STUDIES:
        _tallies.clear()
    tally = Tally(frozenset(_open_units(study)), shared_places(study), monotonic())
    _tallies[study.key] = tally
    return tally


def _open_units(study: Study) -> QuerySet:
    free = Exists(Place.objects.free().filter(hit=OuterRef("pk")))
    hits = hits_of(study).filter(free).exclude(status=Hit.Status.DISPOSED)
    return hits.exclude(practice("unit__")).values_list("unit_id", flat=True)


@dataclass(frozen=True)
class Progress:
    """Counts of HITs: answered, and available to the worker in all.

    Attributes:
        is_open: an accepted HIT waits for its answer.
        minutes_left: what the rest will take, at the worker's own pace once it is known.
    """

    done: int
    of: int
    is_open: bool
    minutes_left: int
    stage: Stage = Stage.WORK

    @property
    def hours_left(self) -> int:
        """The time left in hours, from two hours on; 0 below, where minutes are shown."""
        return round(self.minutes_left / 60) if self.minutes_left >= MIN_MINUTES_IN_HOURS else 0

    @property
    def about_minutes_left(self) -> int:
        """The time left in minutes, rounded to fives from a quarter of an hour on."""
        return 5 * round(self.minutes_left / 5) if self.minutes_left >= 15 else self.minutes_left


def progress(worker: Worker) -> Progress:
    """A worker's progress: count what is answered and what may still be answered.

    The total holds only for this moment, and in a large study for one some seconds ago: other
    workers take places too.
    """
    past = past_assignments(worker, with_times=True)
    has_gold = KnownAnswer.objects.exists()
    units = practice_units(worker.study) if has_gold else NO_PRACTICE
    tally = tally_of(worker.study)
    now_at = stage(worker, units, past)
    done = sum(row.is_answered for row in past)
    accepted = sum(row.is_open for row in past)
    left = accepted + _still_to_come(worker, now_at, units, past, tally)
    return Progress(
        done=done,
        of=done + left,
        is_open=bool(accepted),
        minutes_left=minutes_for(left, (row.seconds for row in past)),
        stage=now_at,
    )


def _still_to_come(
    worker: Worker, now_at: Stage, units: Practice, past: list[PastAssignment], tally: Tally
) -> int:
    """The number of HITs that the worker has not taken yet, practice included."""
    if now_at == Stage.FAILED or worker.excluded_at:
        return 0
    taken = {row.unit for row in past}
    practised = units.training if now_at == Stage.TRAINING else frozenset()
    if now_at != Stage.WORK and worker.study.pass_mark is not None:
        practised |= units.qualification
    fresh = len(tally.open_units - taken)
    left = min(places_left(worker, past, tally.place_count), fresh)
    return len(practised - taken) + max(0, left)


@dataclass(frozen=True)
class LayerCount:
    """Answers wanted of one layer, and those that are in."""

    network: str
    layer: str
    wanted: int
    filled: int


def layer_counts(study: Study) -> list[LayerCount]:
    """Count the places of each layer, practice and withdrawn HITs left out, in one query.

    Of a withdrawn HIT the answers that came in are wanted.
    """
    places = Place.objects.filter(hit__unit__layer__network__study=study)
    # As two conditions: a known unit without practice has a row too.
    places = places.exclude(hit__unit__known__for_training=True)
    places = places.exclude(hit__unit__known__for_qualification=True)
    layer = "hit__unit__layer"
    by_layer = places.values_list(f"{layer}__network__display_name", f"{layer}__display_name")
    is_open = ~Q(hit__status="disposed")
    counts = by_layer.annotate(
        wanted=Count("pk", filter=Q(is_filled=True) | is_open),
        filled=Count("pk", filter=Q(is_filled=True)),
    )
    rows = counts.order_by(f"{layer}__network__position", f"{layer}__position")
    return [LayerCount(*row) for row in rows if row[2]]


def total(layers: Sequence[LayerCount]) -> tuple[int, int]:
    """Sum up the counts of all layers: answers that are in, and wanted."""
    return sum(layer.filled for layer in layers), sum(layer.wanted for layer in layers)
