"""Regions that are empty or whole: their pictures are shown whole, and whoever asks is told.

In a HIT nothing says so of one picture: a catch image borrows its region's area from a random
top image, an empty one like any other.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotator.models import Exemplar, Study, Unit

EMPTY, WHOLE = Q(coverage__lte=0), Q(coverage__gte=1)
MANY = 0.01  # of the regions: from here on something should be done
ONE_CELL = Q(unit__layer__map_height=1, unit__layer__map_width=1)  # has no part to show
IMPORTED = "imported"  # as a dissection's manifest calls regions that another program drew

WAYS_OUT = {
    "upsample": "Dissect more images, show fewer a unit (--top), or draw regions as wide as "
    "receptive fields (--segment receptive-field).",
    "receptive-field": "Dissect more images, or show fewer a unit (--top).",
    IMPORTED: "Give such images a mask that marks a part of them, or leave them out.",
}


@dataclass(frozen=True)
class RegionCounts:
    """How many regions of top images there are, and how many of them single out no part."""

    count: int
    empty_count: int
    whole_count: int

    @property
    def none_count(self) -> int:
        return self.empty_count + self.whole_count

    def __str__(self) -> str:
        of = f"of {self.count:,}."
        empty = f"Empty regions, where no cell passes the threshold: {self.empty_count:,} {of}"
        whole = f"Regions as large as their picture: {self.whole_count:,} {of}"
        told = [empty] * bool(self.empty_count) + [whole] * bool(self.whole_count)
        return " ".join([*told, "These pictures are shown whole."])


def count_regions(units: QuerySet[Unit]) -> RegionCounts:
    """Those of the top images of some units. Left out: layers whose maps have one cell."""
    # A table tells little of maps, and without masks it asks for whole pictures.
    drawn_here = ~Q(unit__layer__network__spec__startswith="imported:")
    top = Exemplar.objects.filter(unit__in=units, role=Exemplar.Role.TOP)
    found = top.exclude(ONE_CELL & drawn_here).aggregate(
        count=Count("pk"),
        empty_count=Count("pk", filter=EMPTY),
        whole_count=Count("pk", filter=WHOLE & drawn_here),
    )
    return RegionCounts(**found)


def region_warning(study: Study, found: RegionCounts) -> str:
    """One line about regions that single out no part, with a way out where there are many."""
    if not found.none_count:
        return ""
    if found.none_count < MANY * found.count:
        return str(found)
    drawn = study.dissect_settings.get("segment", IMPORTED)
    return f"{found} {WAYS_OUT.get(drawn, WAYS_OUT[IMPORTED])}"


def why_whole(exemplar: Exemplar) -> str:
    """Why a picture is shown whole; empty where its region is a part of it."""
    if exemplar.coverage <= 0:
        return "no cell of the map passes the threshold"
    return "the region covers everything" if exemplar.coverage >= 1 else ""
