"""A row of the table of benchmarks, and how times are compared."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """A measured ratio and its target.

    Attributes:
        name: what is compared with what.
        ratio: measured in one run; ratios of times are medians.
        target: the limit of the ratio.
        holds: whether the ratio is at most, or at least, the target.
    """

    name: str
    ratio: float
    target: float
    holds: bool


def at_most(name: str, ratio: float, target: float) -> Row:
    return Row(name, round(ratio, 3), target, ratio <= target)


def at_least(name: str, ratio: float, target: float) -> Row:
    return Row(name, round(ratio, 3), target, ratio >= target)


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_ratio(
    work: Callable[[], object], baseline: Callable[[], object], repeats: int = 5
) -> float:
    """How many times as long `work` takes as `baseline`, as the median of some repeats.

    A repeat is work, baseline, baseline, work, so that a drift of the machine's speed affects
    both equally.
    """
    return median(_ratio(work, baseline) for _ in range(repeats))


def _ratio(work: Callable[[], object], baseline: Callable[[], object]) -> float:
    first, second, third, fourth = map(seconds, (work, baseline, baseline, work))
    return (first + fourth) / (second + third)
