"""The units of a network that people named, and the images on which they answer."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotator.models import Exemplar, Layer, Network, Snapshot, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.detectors import units_by_class
from annotator.results.report.unit import UnitResult

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
    """The units of a network by class, so that pictures are shown without a choice.

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


def telling_units(network: Network, snapshot: Snapshot | None, count: int) -> NamedUnits:
    """The named units that the lab shows if nobody chose any: of the deepest layer with some.

    Object detectors come before units with other names, different names before the same name
    again, and the most precise unit of a name first. Names below the study's threshold count
    only if none is above it. Without names they are the first units that are not dead.
    """
    layers = list(network.layers.all())
    for threshold in (report_in(snapshot).threshold, 0.0) if snapshot is not None else ():
        for layer in reversed(layers):
            results = units_in(snapshot, layer.pk)
            names = _names_in_turn(results, threshold, objects_only=True)
            others = _names_in_turn(results, threshold, objects_only=False)
            names |= {number: name for number, name in others.items() if number not in names}
            if names:
                return NamedUnits(layer.name, dict(list(names.items())[:count]))
    last = layers[-1]
    numbers = list(last.units.live().values_list("number", flat=True)[:count])
    return NamedUnits(last.name, dict.fromkeys(numbers, ""))


def _names_in_turn(
    results: Iterable[UnitResult], threshold: float, objects_only: bool
) -> dict[int, str]:
    """Unit number to name: one unit of each name, then a second one of each, and so on."""
    classes = units_by_class(results, threshold, objects_only)
    longest = max(map(len, classes.values()), default=0)
    return {
        units[turn].unit: name
        for turn in range(longest)
        for name, units in classes.items()
        if turn < len(units)
    }


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
