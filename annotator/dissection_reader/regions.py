"""Counts regions that are empty or cover everything: their pictures are shown whole.

Reports and commands mention them. A HIT does not mention it of a single picture, because a catch
image borrows the area of a random top image's region, which may be an empty one.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotator.models import Exemplar, Study, Unit
from dissect.format.manifest import BY_FIELD, BY_QUANTILE

EMPTY, WHOLE = Q(coverage__lte=0), Q(coverage__gte=1)
MIN_WARNED_SHARE = 0.01  # of the regions; from this share on the warning says what to do
ONE_CELL = Q(unit__layer__map_height=1, unit__layer__map_width=1)  # has no part to show
IMPORTED = "imported"  # as a dissection's manifest calls regions that another program drew

WAYS_OUT = {
    BY_QUANTILE: "Dissect more images, show fewer a unit (--top), or draw regions as wide as "
    "receptive fields (--segment field).",
    BY_FIELD: "Dissect more images, or show fewer a unit (--top).",
    IMPORTED: "Give such images a mask that marks a part of them, or leave them out.",
}


@dataclass(frozen=True)
class RegionCounts:
    """How many regions of top images there are, and how many single out no part of the picture."""

    count: int
    empty_count: int
    whole_count: int

    @property
    def partless_count(self) -> int:
        return self.empty_count + self.whole_count

    def __str__(self) -> str:
        of = f"of {self.count:,}."
        empty = f"Empty regions, where no cell passes the threshold: {self.empty_count:,} {of}"
        whole = f"Regions as large as their picture: {self.whole_count:,} {of}"
        sentences = [empty] * bool(self.empty_count) + [whole] * bool(self.whole_count)
        return " ".join([*sentences, "These pictures are shown whole."])


def count_regions(units: QuerySet[Unit]) -> RegionCounts:
    """Read a dissection's regions of top images: count those empty or covering everything.

    Layers whose maps have one cell are left out.
    """
    # An imported table does not know its maps, and one without masks asks for whole pictures.
    drawn_here = ~Q(unit__layer__network__spec__startswith="imported:")
    top = Exemplar.objects.filter(unit__in=units, role=Exemplar.Role.TOP)
    counts = top.exclude(ONE_CELL & drawn_here).aggregate(
        count=Count("pk"),
        empty_count=Count("pk", filter=EMPTY),
        whole_count=Count("pk", filter=WHOLE & drawn_here),
    )
    return RegionCounts(**counts)


def region_warning(study: Study, counts: RegionCounts) -> str:
    """The warning about a dissection's regions that single out no part; empty without such."""
    if not counts.partless_count:
        return ""
    if counts.partless_count < MIN_WARNED_SHARE * counts.count:
        return str(counts)
    drawn = study.dissect_settings.get("segment", IMPORTED)
    return f"{counts} {WAYS_OUT.get(drawn, WAYS_OUT[IMPORTED])}"


def why_whole(exemplar: Exemplar) -> str:
    """Why an exemplar's region singles out no part of its picture; empty where it does."""
    if exemplar.coverage <= 0:
        return "no cell of the map passes the threshold"
    return "the region covers everything" if exemplar.coverage >= 1 else ""
