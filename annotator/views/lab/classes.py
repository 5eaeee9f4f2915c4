"""The units of a network by the class that people named them for, and how similar those are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.models import Analysis, Answer, Exemplar, Layer, Network, Snapshot, Study, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.detectors import unit_pairs, units_by_class
from annotator.results.report.unit import UnitResult
from annotator.results.stats.jaccard import chance_jaccard
from annotator.views.access import for_readers
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import complete_snapshot

TILES_PER_UNIT = 5
MAX_PAIRS = 10


@dataclass(frozen=True)
class ShownClasses:
    """The classes that the lab shows of a network, of one layer in detail.

    Attributes:
        layer: shown in detail.
        objects_only: classes are object classes; otherwise concepts of any group.
        by_layer: layer key to class to its units, as `units_by_class` groups them.
    """

    layer: Layer
    objects_only: bool
    by_layer: dict[int, dict[str, list[UnitResult]]]

    @property
    def of_layer(self) -> dict[str, list[UnitResult]]:
        return self.by_layer[self.layer.pk]


def shown_classes(
    network: Network,
    snapshot: Snapshot,
    layer: str = "",
    objects_only: bool | None = None,
) -> ShownClasses:
    """The classes that the lab shows of a network without a choice, each with its units.

    Args:
        layer: name of the layer in detail; by default the deepest one that has a class.
        objects_only: by default whether the network has an object class.
    """
    threshold, layers = report_in(snapshot).threshold, list(network.layers.all())
    results = {one.pk: units_in(snapshot, one.pk) for one in layers}

    def grouped(objects: bool) -> dict[int, dict[str, list[UnitResult]]]:
        return {pk: units_by_class(units, threshold, objects) for pk, units in results.items()}

    by_layer = grouped(objects_only is not False)
    if objects_only is None:
        objects_only = any(by_layer.values())
        by_layer = by_layer if objects_only else grouped(False)
    named = (one for one in layers if one.name == layer)
    deepest = (one for one in reversed(layers) if by_layer[one.pk])
    chosen = next(named, None) or next(deepest, layers[-1])
    return ShownClasses(chosen, objects_only, by_layer)


@require_safe
@for_readers
def classes(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Page: the lab's classes, with the number of units by layer, and one layer in detail.

    `?layer=` chooses the layer, by default the deepest with a class; `?units=` chooses between
    `objects` and concepts of any group, `all`, by default objects where there are any.
    """
    study = get_object_or_404(Study, name=name)
    network = get_object_or_404(study.networks.prefetch_related("layers"), pk=pk)
    snapshot = complete_snapshot(study)
    context = {"study": study, "network": network, "snapshot": snapshot}
    if snapshot is not None:
        asked = {"objects": True, "all": False}.get(request.GET.get("units", ""))
        shown = shown_classes(network, snapshot, request.GET.get("layer", ""), asked)
        context |= _context(snapshot, list(network.layers.all()), shown)
    return render(request, "lab/classes.html", context)


def _context(snapshot: Snapshot, layers: Sequence[Layer], shown: ShownClasses) -> dict[str, Any]:
    chosen, by_layer = shown.layer, shown.by_layer
    study = chosen.network.study
    totals: Counter[str] = Counter()
    for units in by_layer.values():
        totals.update({word: len(of_class) for word, of_class in units.items()})
    words = sorted(totals, key=lambda word: (-totals[word], word))
    of_chosen = shown.of_layer
    numbers = sorted(unit.unit for units in of_chosen.values() for unit in units)
    analysis = _newest_similarity(chosen)
    correlations = correlations_in(analysis, chosen)
    return {
        "report": report_in(snapshot),
        "layers": layers,
        "chosen": chosen,
        "objects_only": shown.objects_only,
        "table": [(w, [len(by_layer[layer.pk].get(w, ())) for layer in layers]) for w in words],
        "totals": [sum(map(len, by_layer[layer.pk].values())) for layer in layers],
        "classes": class_rows(chosen, of_chosen, _top_images(chosen, numbers), correlations),
        "numbers": numbers,
        "analysis": analysis,
        "chance": chance_jaccard(study.top_count, study.image_count),
    }


def class_rows(
    layer: Layer,
    results: Mapping[str, Sequence[UnitResult]],
    tops: Mapping[int, frozenset[int]],
    correlations: Mapping[tuple[int, int], float],
) -> list[dict[str, Any]]:
    """Rows of the lab's classes: each class with its units, pictures, names, similar pairs.

    Args:
        results: class to the results of its units.
        tops: unit number to the positions of its top images.
        correlations: (lower unit, higher unit) to the correlation of their scores.
    """
    numbers = [unit.unit for units in results.values() for unit in units]
    rows = Unit.objects.filter(layer=layer, number__in=numbers)
    rows = rows.select_related("layer__network").prefetch_related("hits")
    units = {unit.number: unit for unit in rows}
    tiles, words = tiles_of(units.values(), TILES_PER_UNIT), _typed_concepts(units.values())
    return [
        {
            "word": word,
            "units": [
                {
                    "result": result,
                    "pk": units[result.unit].pk,
                    "tiles": tiles[units[result.unit].pk],
                    "words": words.get(units[result.unit].pk, []),
                }
                for result in of_class
                if result.unit in units
            ],
            "pairs": unit_pairs([unit.unit for unit in of_class], tops, correlations)[:MAX_PAIRS],
        }
        for word, of_class in results.items()
    ]


def _top_images(layer: Layer, numbers: Iterable[int]) -> dict[int, frozenset[int]]:
    """Load units' top images for the lab's classes: unit number to places in the image list."""
    positions: dict[int, set[int]] = {number: set() for number in numbers}
    exemplars = Exemplar.objects.filter(
        unit__layer=layer, unit__number__in=positions, role=Exemplar.Role.TOP
    )
    for number, place in exemplars.order_by().values_list("unit__number", "image__place"):
        positions[number].add(place)
    return {number: frozenset(places) for number, places in positions.items()}


def _typed_concepts(units: Iterable[Unit]) -> dict[int, list[tuple[str, int]]]:
    """Load typed concepts for the lab's classes: unit key to (concept, count) pairs.

    Concepts are as typed, with the number of answers, most frequent first.
    """
    answers = Answer.objects.counted().filter(assignment__unit__in=list(units), says="concept")
    rows = answers.order_by().values_list("assignment__unit", "concept").annotate(Count("pk"))
    concepts: dict[int, list[tuple[str, int]]] = {}
    for unit, concept, count in sorted(rows, key=lambda row: (-row[2], row[1])):
        concepts.setdefault(unit, []).append((concept, count))
    return concepts


def _newest_similarity(layer: Layer) -> Analysis | None:
    """Load the newest similarity analysis for a layer in the lab's classes; not a failed one."""
    analyses = layer.network.analyses.filter(kind="alike", request__layers=[layer.name])
    return analyses.exclude(status=Analysis.Status.FAILED).order_by("-pk").first()


def correlations_in(analysis: Analysis | None, layer: Layer) -> dict[tuple[int, int], float]:
    """Correlations for the lab's classes: (lower unit, higher unit) to that of their scores.

    Pairs whose correlation was not measured are left out.
    """
    if analysis is None or not analysis.result:
        return {}
    result = analysis.result["layers"][layer.name]
    return {
        (a, b): result["correlation"][i][j]
        for i, a in enumerate(result["units"])
        for j, b in enumerate(result["units"])
        if a < b and result["correlation"][i][j] is not None
    }
