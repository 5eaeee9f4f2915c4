"""The units of a network that people named, and the images on which they answer."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from annotator.models import Exemplar, Network, Snapshot, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.detectors import units_by_class

MAX_RANK = 20  # of an image for a unit: one of the unit's clear examples


@dataclass(frozen=True)
class NamedUnits:
    """Some units of one layer, and what people call them.

    Attributes:
        names: unit number to its consensus; empty for a unit without a name.
    """

    layer: str
    names: dict[int, str]

    @property
    def numbers(self) -> list[int]:
        return list(self.names)


def named_units(network: Network, snapshot: Snapshot | None, objects_only: bool) -> dict[str, Any]:
    """The named units of a network as input of `python -m dissect scenes --named`.

    They have a consensus, and a precision for it above the study's threshold.
    """
    if snapshot is None:
        return {"layers": {}}
    threshold = report_in(snapshot).threshold
    layers: dict[str, Any] = {}
    for layer in network.layers.all():
        classes = units_by_class(units_in(snapshot, layer.pk), threshold, objects_only)
        results = {result.unit: result.named for units in classes.values() for result in units}
        for unit in Unit.objects.filter(layer=layer, number__in=results):
            layers.setdefault(layer.name, {})[str(unit.number)] = {
                "concept": results[unit.number].consensus,
                "precision": results[unit.number].precision,
                "threshold": unit.threshold,
                "maximum": unit.maximum,
            }
    return {"layers": layers}


def telling_images(network: Network, units: NamedUnits, count: int) -> list[str]:
    """Paths of the images on which the most of some named units answer, to show in the lab.

    Of images with as many different names the one with the better ranks comes first.
    """
    layer = network.layers.get(name=units.layer)
    exemplars = Exemplar.objects.filter(
        unit__layer=layer, unit__number__in=units.numbers, role=Exemplar.Role.TOP,
        rank__lte=MAX_RANK,
    )  # fmt: skip
    names: defaultdict[str, set[str]] = defaultdict(set)
    ranks: Counter[str] = Counter()
    rows = exemplars.order_by("pk").values_list("unit__number", "image__path", "rank")
    for number, path, rank in rows:
        names[path].add(units.names[number] or str(number))
        ranks[path] += rank
    best = sorted(names, key=lambda path: (-len(names[path]), ranks[path] / len(names[path]), path))
    return best[:count]


def top_images(network: Network, units: NamedUnits, count: int) -> list[str]:
    """Paths of the first `count` top images of each of some named units, in the list's order.

    A pass over these images alone finds the same top images of these units as one over all.
    """
    exemplars = Exemplar.objects.filter(
        unit__layer__network=network, unit__layer__name=units.layer, role=Exemplar.Role.TOP,
        unit__number__in=units.numbers, rank__lte=count,
    )  # fmt: skip
    rows = exemplars.order_by("image__place").values_list("image__path", flat=True)
    return list(dict.fromkeys(rows))
