"""Units that people named for one class: duplicates, or different appearances of it.

Zhou et al. 2015 (arXiv:1412.6856) found 6 units for lamps, each for a particular type of lamp.
Three things tell: the raw words, the overlap of the units' top images beside what chance gives, and
the correlation of their scores over all images.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from annotator.results.report.detectors import detects
from annotator.results.report.unit import UnitResult


@dataclass(frozen=True, slots=True)
class Pair:
    """Two units of one class.

    Attributes:
        overlap: Jaccard of their top images. correlation: of their scores; None: not measured.
    """

    units: tuple[int, int]
    overlap: float
    correlation: float | None


def classes_of(
    units: Iterable[UnitResult], threshold: float, objects_alone: bool = True
) -> dict[str, list[UnitResult]]:
    """Units by the consensus that they are named for, the class of most units first, then by name.

    Args:
        objects_alone: those that detect an object (`detectors.detects`); otherwise every unit
            whose precision under its consensus is above the threshold, whatever its group.
    """
    found: dict[str, list[UnitResult]] = {}
    for unit in units:
        above = unit.named.precision is not None and unit.named.precision > threshold
        if unit.named.consensus and (detects(unit, threshold) if objects_alone else above):
            found.setdefault(unit.named.consensus, []).append(unit)
    for of_class in found.values():
        of_class.sort(key=lambda unit: (-(unit.named.precision or 0.0), unit.unit))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def pairs_of(
    units: Sequence[int],
    tops: Mapping[int, frozenset[int]],
    correlations: Mapping[tuple[int, int], float],
) -> list[Pair]:
    """Every two units of a class, the most overlapping first.

    Args:
        tops: unit to its top images. correlations: (lower unit, higher unit) to theirs.
    """
    pairs = [
        Pair((a, b), jaccard(tops[a], tops[b]), correlations.get((a, b)))
        for a, b in combinations(sorted(units), 2)
    ]
    return sorted(pairs, key=lambda pair: (-pair.overlap, pair.units))


def jaccard(a: frozenset[int], b: frozenset[int]) -> float:
    """How many of the images in either set are in both; 0 for two empty sets."""
    return len(a & b) / len(a | b) if a | b else 0.0


def chance(top: int, images: int) -> float:
    """The mean Jaccard overlap of two random choices of `top` among `images`."""
    if not 0 < top <= images:
        return 0.0
    ways = comb(images, top)
    return sum(
        shared / (2 * top - shared) * (comb(top, shared) * comb(images - top, top - shared) / ways)
        for shared in range(max(0, 2 * top - images), top + 1)
    )
