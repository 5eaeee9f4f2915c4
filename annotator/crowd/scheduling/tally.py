"""Tally: what is left of a study, for pages that say how far somebody is.

Counting reads every HIT. A page need not do that each time: in a large study the count is some
seconds old. What decides whether a HIT is handed out is never read from here.
"""

from dataclasses import dataclass
from time import monotonic

from django.db.models import Exists, OuterRef, QuerySet

from annotator.crowd.scheduling.queue import MAX_STUDIES, hits_of, shared_places
from annotator.models import Hit, Place, Study
from annotator.models.gold import practice

MAX_COUNTED = 1500  # places: if there are more, every TALLY_SECONDS; else for each page
TALLY_SECONDS = 10
_tallies: dict[str, "Tally"] = {}  # by the study's key, in this process


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
