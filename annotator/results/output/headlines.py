"""What a report says first: its findings, its object detectors by class, its main differences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest

from annotator.results.report.chance_levels import ChanceLevel
from annotator.results.report.comparison import Comparison, Difference
from annotator.results.report.detectors import units_by_class
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.unit import UnitResult

MAX_GALLERY_UNITS = 16  # as many fit a short page if each has a class of its own
UNITS_OF_ROW = 2  # side by side, in a wide window
UNITS_OF_HEADING = 2  # a further layer's heading takes the room of a row of units
USUAL_NETWORKS = 3
UNITS_OF_NETWORK = 2  # as do the sentence, the line and the panel of each network beyond these
MAX_NAMED_UNITS = 6  # where nothing is detected
MAX_LINES = 3  # differences of networks in words


Classes = tuple[tuple[str, tuple[UnitResult, ...]], ...]  # concept, its units


@dataclass(frozen=True, slots=True)
class ChanceCount:
    """How many of a layer's answered units would be object detectors by chance.

    Attributes:
        level: their share in a chance control.
        count: that share of the layer's units.
    """

    level: ChanceLevel
    count: float


@dataclass(frozen=True, slots=True)
class Finding:
    """The deepest layer of a network that has answers, and how many object detectors it has."""

    network: NetworkResult
    layer: LayerResult

    @property
    def chances(self) -> tuple[ChanceCount, ...]:
        """How many object detectors chance gives, by each chance control."""
        return chance_counts(self.layer)


@dataclass(frozen=True, slots=True)
class LayerGallery:
    """Object detectors of a layer, by the class that they detect.

    Attributes:
        classes: (concept, its units), the class with most units first.
        more_count: detectors of the layer that are not among them.
    """

    network: NetworkResult
    layer: LayerResult
    classes: Classes
    more_count: int

    @property
    def chances(self) -> tuple[ChanceCount, ...]:
        """How many object detectors chance gives, by each chance control."""
        return chance_counts(self.layer)


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """Two networks in one line; without a difference, `why_not` says why."""

    first: str
    second: str
    difference: Difference | None
    why_not: str | None


def findings(report: StudyReport) -> tuple[Finding, ...]:
    """The findings of a report, one for each network that has answers."""
    answered = (
        (network, [layer for layer in network.layers if layer.answered_unit_count])
        for network in report.networks
    )
    return tuple(Finding(network, layers[-1]) for network, layers in answered if layers)


def chance_counts(layer: LayerResult) -> tuple[ChanceCount, ...]:
    """What a headline says beside its object detectors: how many chance gives, by each control."""
    return tuple(
        ChanceCount(one, one.level * layer.answered_unit_count)
        for one in layer.chance
        if one.number == "detector_share" and one.level is not None
    )


def chance_means(layer: LayerResult) -> tuple[ChanceLevel, ...]:
    """What a headline says beside its mean precision: what chance gives, by each control."""
    return tuple(
        one for one in layer.chance if one.number == "mean_precision" and one.level is not None
    )


def galleries(
    report: StudyReport,
    units_of: Callable[[LayerResult], Iterable[UnitResult]],
    max_units: int = MAX_GALLERY_UNITS,
) -> tuple[LayerGallery, ...]:
    """Headlines in pictures: the object detectors of each finding of a report, by class.

    Where there are too many, every layer shows the best unit of each class before any second one.

    Args:
        units_of: the answered units of a layer.
        max_units: of one layer, or of several together with their headings.
    """
    of_networks = findings(report)
    having = [each for each in of_networks if each.layer.detectors.unit_count]
    taken = UNITS_OF_HEADING * (len(having) - 1)
    taken += UNITS_OF_NETWORK * max(0, len(of_networks) - USUAL_NETWORKS)
    room = max(UNITS_OF_ROW * len(having), max_units - taken)
    made: list[LayerGallery] = []
    for n, one in enumerate(having):
        # What a layer with few detectors leaves is shared by those after it.
        left = room - sum(_unit_count(gallery.classes) for gallery in made)
        classes = units_by_class(units_of(one.layer), report.threshold)
        shown = _best_of_each(classes, left // (len(having) - n))
        more_count = one.layer.detectors.unit_count - _unit_count(shown)
        made.append(LayerGallery(one.network, one.layer, shown, more_count))
    return tuple(made)


def best_named(
    report: StudyReport, units_of: Callable[[LayerResult], Iterable[UnitResult]]
) -> tuple[LayerGallery, ...]:
    """The headline of a report without detectors: the units that are named most precisely.

    They are those of highest consensus precision in the same layers, by concept.
    """
    made = []
    for one in findings(report):
        named = [unit for unit in units_of(one.layer) if unit.named.precision is not None]
        named.sort(key=lambda unit: (-(unit.named.precision or 0.0), unit.unit))
        classes: dict[str, list[UnitResult]] = {}
        for unit in named[: max(2, MAX_NAMED_UNITS // len(report.networks))]:
            classes.setdefault(unit.named.consensus or "", []).append(unit)
        if classes:
            by_concept = tuple((concept, tuple(units)) for concept, units in classes.items())
            made.append(LayerGallery(one.network, one.layer, by_concept, more_count=0))
    return tuple(made[:MAX_NAMED_UNITS])


def comparison_lines(report: StudyReport) -> tuple[ComparisonLine, ...]:
    """Headlines of a report's comparisons: its main differences, in the deepest layers compared.

    Pairs without a chance control come first.
    """
    ordered = sorted(report.comparisons, key=lambda comparison: comparison.is_control)
    return tuple(_line(comparison) for comparison in ordered[:MAX_LINES])


def _line(comparison: Comparison) -> ComparisonLine:
    of_precision = [
        one
        for one in comparison.differences
        if one.number == "mean_precision" and one.difference is not None
    ]
    deepest = of_precision[-1] if of_precision else None
    return ComparisonLine(comparison.first, comparison.second, deepest, comparison.why_not)


def _best_of_each(classes: dict[str, list[UnitResult]], most: int) -> Classes:
    rows = [[(concept, unit) for unit in units] for concept, units in classes.items()]
    in_order = [pair for places in zip_longest(*rows) for pair in places if pair is not None][:most]
    return tuple(
        (concept, tuple(unit for of, unit in in_order if of == concept))
        for concept in classes
        if any(of == concept for of, _ in in_order)
    )


def _unit_count(classes: Classes) -> int:
    return sum(len(units) for _, units in classes)
