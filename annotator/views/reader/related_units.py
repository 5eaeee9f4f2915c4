"""What else a study knows about a unit: units that resemble it, and the lab's analyses of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from annotator.models import Analysis, Exemplar, Image, Network, Snapshot, Unit
from annotator.results.output.snapshots.stored_reports import units_named
from annotator.results.report.report import StudyReport
from annotator.results.report.unit import UnitResult

MAX_NEAREST = 6
# So many units that share most images are compared exactly; a unit with fewer top images than its
# neighbors could overlap more with a unit outside of them.
MAX_COMPARED = 60
MAX_OF_CONCEPT = 6
MAX_ANALYSES = 200  # the newest ones of the network, among which those about the unit are searched


@dataclass(frozen=True)
class RelatedUnit:
    """Another unit of the study.

    Attributes:
        unit: with its HITs, its layer and its network loaded.
        overlap: Jaccard overlap of both units' top images; None where it was not measured.
        result: its numbers in the report; None if they were not looked up.
    """

    unit: Unit
    overlap: float | None = None
    result: UnitResult | None = None


def nearest_units(unit: Unit, top: int, count: int = MAX_NEAREST) -> list[RelatedUnit]:
    """The units of a study whose top images overlap most with a unit's, in five queries.

    Units of random images are left out: nothing chose their images.

    Args:
        top: images a unit that are compared, the strongest.
        count: units to return, at most; those that share no image are never among them.
    """
    strongest = Exemplar.objects.filter(role=Exemplar.Role.TOP, rank__lte=top).order_by()
    # Networks that crop differently have an image of their own at the same place.
    images = Image.objects.filter(
        study=unit.layer.network.study_id,
        place__in=strongest.filter(unit=unit).values("image__place"),
    )
    random = Unit.objects.filter(layer__network__condition=Network.Condition.RANDOM_IMAGES)
    others = strongest.filter(image__in=list(images.values_list("pk", flat=True)))
    others = others.exclude(Q(unit=unit) | Q(unit__in=random))
    counts = others.values_list("unit").annotate(shared=Count("pk"))
    shared = dict(counts.order_by("-shared", "unit_id")[:MAX_COMPARED])
    sizes = dict(
        strongest.filter(unit__in=[unit.pk, *shared]).values_list("unit").annotate(Count("pk"))
    )
    overlaps = {pk: n / (sizes[unit.pk] + sizes[pk] - n) for pk, n in shared.items()}
    best = sorted(overlaps, key=lambda pk: (-overlaps[pk], pk))[:count]
    units = _loaded(Q(pk__in=best))
    return [RelatedUnit(units[pk], overlap=overlaps[pk]) for pk in best]


def units_of_concept(
    unit: Unit, concept: str, report: StudyReport, snapshot: Snapshot
) -> tuple[list[RelatedUnit], int]:
    """Other units of a study with a consensus concept, those of highest consensus precision first.

    Returns:
        the first MAX_OF_CONCEPT of them, and how many others there are.
    """
    layers = [layer.id for _, layer in report.all_layers()]
    named, count = units_named(snapshot, layers, concept, MAX_OF_CONCEPT + 1)
    own = (unit.layer_id, unit.number)
    results = [(layer, result) for layer, result in named if (layer, result.unit) != own]
    wanted = Q(pk__in=[])
    for layer, result in results[:MAX_OF_CONCEPT]:
        wanted |= Q(layer=layer, number=result.unit)
    units = {(row.layer_id, row.number): row for row in _loaded(wanted).values()}
    related = [
        RelatedUnit(units[layer, result.unit], result=result)
        for layer, result in results[:MAX_OF_CONCEPT]
    ]
    return related, count - 1


def analyses_of(unit: Unit) -> list[Analysis]:
    """Related to a unit: finished analyses of its network that name it, newest first."""
    network = unit.layer.network
    analyses = Analysis.objects.filter(network=network, status=Analysis.Status.DONE)
    newest = analyses.defer("result", "pictures").order_by("-pk")[:MAX_ANALYSES]
    return [one for one in newest if _names(one.request, unit)]


def _names(request: Mapping, unit: Unit) -> bool:
    return unit.layer.name in (request.get("layers") or ()) and unit.number in (
        request.get("units") or ()
    )


def _loaded(wanted: Q) -> dict[int, Unit]:
    units = Unit.objects.filter(wanted).select_related("layer__network__study")
    return {unit.pk: unit for unit in units.prefetch_related("hits")}
