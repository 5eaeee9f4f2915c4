"""One line of the table of benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """What was measured, beside what it has to reach.

    Attributes:
        name: what is compared with what.
        ratio: measured in one run, the median of several where it is a time.
        target: what the ratio has to reach.
        holds: whether it does; `at_most` and `at_least` say in which direction.
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
    """How long one go takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_ratio(one: Callable[[], object], other: Callable[[], object], times: int = 5) -> float:
    """How many times as long `one` takes as `other`: the median of several goes.

    A go is one, other, other, one, back to back: a machine that gets slower or faster meanwhile
    does so for both alike.
    """
    return median(_ratio(one, other) for _ in range(times))


def _ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    first, second, third, fourth = (seconds(work) for work in (one, other, other, one))
    return (first + fourth) / (second + third)
