"""Units that detect an object class, and units that share a class.

Zhou et al. 2015 (arXiv:1412.6856) count object detectors among the units that people named, and
found 6 units for lamps, each for a particular type of lamp. Three things tell duplicates from
different appearances of one class: the raw words, the overlap of the units' top images against
the overlap expected by chance, and the correlation of their scores over all images.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from annotator.results.report.unit import UnitResult
from annotator.results.stats.consensus import ranked_counts
from annotator.results.stats.intervals import Interval, share_interval
from annotator.results.stats.intervals.decisions import Decisions, object_precision
from annotator.results.stats.jaccard import jaccard


@dataclass(frozen=True, slots=True)
class Detectors:
    """The object detectors of a layer.

    Attributes:
        unit_count: units that detect an object.
        classes: (concept, units that detect it), most units first, ties by name.
        share: of the answered units; None without any.
        interval: 95 % interval of the share, over units and workers.
    """

    unit_count: int
    classes: tuple[tuple[str, int], ...]
    share: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class UnitPair:
    """Two units of one class.

    Attributes:
        overlap: Jaccard overlap of their top images.
        correlation: of their scores over all images; None where it was not measured.
    """

    units: tuple[int, int]
    overlap: float
    correlation: float | None


def is_detector(unit: UnitResult, threshold: float) -> bool:
    """Whether a unit is an object detector.

    It is one if it has a consensus concept, most answers call it an object, and its consensus
    precision is strictly above the threshold.
    """
    precision = object_precision(unit.group, unit.named)
    return precision is not None and precision > threshold


def detectors(
    units: Iterable[UnitResult], threshold: float, decided: Decisions | None = None
) -> Detectors:
    """Count the object detectors among some units, and the classes that they detect.

    Args:
        decided: the same units; None leaves out the interval.
    """
    units = list(units)
    concepts = [unit.named.consensus or "" for unit in units if is_detector(unit, threshold)]
    count = len(concepts)
    return Detectors(
        count,
        ranked_counts(concepts),
        share=count / len(units) if units else None,
        interval=share_interval(decided.detectors(threshold)) if decided else None,
    )


def units_by_class(
    units: Iterable[UnitResult], threshold: float, objects_only: bool = True
) -> dict[str, list[UnitResult]]:
    """Group the detectors of a layer by the class, or consensus concept, that they detect.

    Args:
        objects_only: take object detectors only; otherwise every unit whose precision under its
            consensus is strictly above the threshold, whatever its group.

    Returns:
        Concept to its units, the most precise unit first; concepts with most units first, ties
        by name.
    """
    classes: dict[str, list[UnitResult]] = {}
    for unit in units:
        is_above = unit.named.precision is not None and unit.named.precision > threshold
        if unit.named.consensus and (is_detector(unit, threshold) if objects_only else is_above):
            classes.setdefault(unit.named.consensus, []).append(unit)
    for members in classes.values():
        members.sort(key=lambda unit: (-(unit.named.precision or 0.0), unit.unit))
    return dict(sorted(classes.items(), key=lambda item: (-len(item[1]), item[0])))


def unit_pairs(
    units: Sequence[int],
    top_images: Mapping[int, frozenset[int]],
    correlations: Mapping[tuple[int, int], float],
) -> list[UnitPair]:
    """Pairs of detectors of one object class, the most overlapping first, ties by number.

    Args:
        top_images: unit to the images that excite it most.
        correlations: (lower unit, higher unit) to the correlation of their scores.
    """
    pairs = [
        UnitPair((a, b), jaccard(top_images[a], top_images[b]), correlations.get((a, b)))
        for a, b in combinations(sorted(units), 2)
    ]
    return sorted(pairs, key=lambda pair: (-pair.overlap, pair.units))
