"""Units that detect an object class, by what people said (Zhou et al. 2015, arXiv:1412.6856)."""

from collections.abc import Iterable
from dataclasses import dataclass

from annotator.results.report.unit import UnitResult
from annotator.results.stats.consensus import ranked_counts

OBJECT = 5  # the semantic group


@dataclass(frozen=True, slots=True)
class Detectors:
    """The units of a layer that detect an object.

    Attributes:
        unit_count: how many.
        classes: (concept, units), the one with most units first, ties by name.
    """

    unit_count: int
    classes: tuple[tuple[str, int], ...]


def detects(unit: UnitResult, threshold: float) -> bool:
    """Whether a unit has a consensus, is called an object, and is above under that concept."""
    precision = unit.named.precision
    return unit.group == OBJECT and precision is not None and precision > threshold


def detectors(units: Iterable[UnitResult], threshold: float) -> Detectors:
    """The object detectors among some units, and what they detect."""
    words = [unit.named.consensus or "" for unit in units if detects(unit, threshold)]
    return Detectors(len(words), ranked_counts(words))
