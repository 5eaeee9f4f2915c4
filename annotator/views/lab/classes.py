"""What classes a network's units are named for, and what the units of one class have in common."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.models import Analysis, Answer, Exemplar, Layer, Network, Snapshot, Study, Unit
from annotator.results.output.snapshots import report_in, units_in
from annotator.results.report.detectors import chance_jaccard, unit_pairs, units_by_class
from annotator.results.report.unit import UnitResult
from annotator.views.access import for_readers
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import snapshot_of

TILES = 5
MOST_PAIRS = 10


@require_safe
@for_readers
def classes(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """The units of each layer by class; of the layer asked for, row by row."""
    study = get_object_or_404(Study, name=name)
    network = get_object_or_404(study.networks.prefetch_related("layers"), pk=pk)
    snapshot = snapshot_of(study, None)
    layers = list(network.layers.all())
    chosen = next((one for one in layers if one.name == request.GET.get("layer")), layers[-1])
    every = request.GET.get("units") == "all"
    context = {
        "study": study,
        "network": network,
        "layers": layers,
        "chosen": chosen,
        "every": every,
        "snapshot": snapshot,
    }
    if snapshot is not None:
        context |= _context(snapshot, layers, chosen, every)
    return render(request, "lab/classes.html", context)


def _context(
    snapshot: Snapshot, layers: Sequence[Layer], chosen: Layer, every: bool
) -> dict[str, Any]:
    report, study = report_in(snapshot), chosen.network.study
    by_layer = {
        layer.pk: units_by_class(units_in(snapshot, layer.pk), report.threshold, not every)
        for layer in layers
    }
    counts = Counter(word for found in by_layer.values() for word in found)
    words = sorted(
        counts, key=lambda word: (-sum(len(of.get(word, ())) for of in by_layer.values()), word)
    )
    found = by_layer[chosen.pk]
    numbers = sorted(unit.unit for units in found.values() for unit in units)
    tops = top_images(chosen, numbers)
    analysis = newest_alike(chosen)
    return {
        "report": report,
        "table": [(w, [len(by_layer[one.pk].get(w, ())) for one in layers]) for w in words],
        "totals": [sum(map(len, by_layer[one.pk].values())) for one in layers],
        "classes": rows_of_classes(chosen, found, tops, correlations_in(analysis, chosen)),
        "numbers": numbers,
        "analysis": analysis,
        "chance": chance_jaccard(study.top_count, study.image_count),
    }


def rows_of_classes(
    layer: Layer,
    found: Mapping[str, Sequence[UnitResult]],
    tops: Mapping[int, frozenset[int]],
    correlations: Mapping[tuple[int, int], float],
) -> list[dict[str, Any]]:
    """Each class with its units, their pictures and words, and how alike they are."""
    numbers = [unit.unit for units in found.values() for unit in units]
    units = Unit.objects.filter(layer=layer, number__in=numbers)
    rows = {u.number: u for u in units.select_related("layer__network").prefetch_related("hits")}
    tiles, words = tiles_of(rows.values(), TILES), raw_words(rows.values())
    return [
        {
            "word": word,
            "units": [
                {
                    "result": one,
                    "pk": rows[one.unit].pk,
                    "tiles": tiles[rows[one.unit].pk],
                    "words": words.get(rows[one.unit].pk, []),
                }
                for one in of_class
                if one.unit in rows
            ],
            "pairs": unit_pairs([one.unit for one in of_class], tops, correlations)[:MOST_PAIRS],
        }
        for word, of_class in found.items()
    ]


def top_images(layer: Layer, numbers: Iterable[int]) -> dict[int, frozenset[int]]:
    """Unit to the places of its top images."""
    top = Exemplar.objects.filter(unit__layer=layer, role=Exemplar.Role.TOP)
    found: dict[int, set[int]] = {number: set() for number in numbers}
    rows = top.filter(unit__number__in=found).order_by()
    for number, place in rows.values_list("unit__number", "image__place"):
        found[number].add(place)
    return {number: frozenset(places) for number, places in found.items()}


def raw_words(units: Iterable[Unit]) -> dict[int, list[tuple[str, int]]]:
    """Unit to the words of its answers as they were typed, the most frequent first."""
    rows = Answer.objects.counted().filter(assignment__unit__in=list(units), says="concept")
    counted = rows.order_by().values_list("assignment__unit", "concept").annotate(Count("pk"))
    found: dict[int, list[tuple[str, int]]] = {}
    for unit, word, n in sorted(counted, key=lambda row: (-row[2], row[1])):
        found.setdefault(unit, []).append((word, n))
    return found


def newest_alike(layer: Layer) -> Analysis | None:
    """The newest analysis that asks how alike units of a layer are."""
    asked = layer.network.analyses.filter(kind="alike", asked__layers=[layer.name])
    return asked.exclude(status=Analysis.Status.FAILED).order_by("-pk").first()


def correlations_in(analysis: Analysis | None, layer: Layer) -> dict[tuple[int, int], float]:
    """(lower unit, higher unit) to the correlation of their scores, where it was measured."""
    if analysis is None or not analysis.result:
        return {}
    found = analysis.result["layers"][layer.name]
    return {
        (a, b): found["correlation"][i][j]
        for i, a in enumerate(found["units"])
        for j, b in enumerate(found["units"])
        if a < b and found["correlation"][i][j] is not None
    }


def named_units(network: Network, objects_only: bool) -> dict[str, Any]:
    """What `python -m dissect scenes --named` reads: units that people named, and their cuts."""
    snapshot = snapshot_of(network.study, None)
    if snapshot is None:
        return {"layers": {}}
    threshold = report_in(snapshot).threshold
    layers: dict[str, Any] = {}
    for layer in network.layers.all():
        found = units_by_class(units_in(snapshot, layer.pk), threshold, objects_only)
        named = {one.unit: one for units in found.values() for one in units}
        rows = Unit.objects.filter(layer=layer, number__in=named)
        for row in rows:
            layers.setdefault(layer.name, {})[str(row.number)] = {
                "concept": named[row.number].named.consensus,
                "precision": named[row.number].named.precision,
                "threshold": row.threshold,
                "maximum": row.maximum,
            }
    return {"layers": layers}
