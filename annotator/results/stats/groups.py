"""The six semantic groups of a layer, counted by three rules.

Over the answers above a threshold, over all answers, and over units by majority: three different
quantities, each under a name of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.intervals.exact import Interval
from annotator.results.stats.precision import unit_mean

GROUPS = (1, 2, 3, 4, 5, 6)  # annotator.models.Group
NO_MAJORITY = 7  # where units are counted: no group has more than half of the answers

Units = Iterable[Sequence[AnswerRow]]


@dataclass(frozen=True, slots=True)
class GroupShares:
    """Shares of a whole by group; they sum to 1, and are None where the denominator is 0.

    Attributes:
        shares: a share for each group, 1..6, and for NO_MAJORITY where units are counted.
        denominator: what the shares are of: the summed weights of answers, or a number of units.
        count: the number of these answers or units.
        intervals: of the shares, over units and workers; empty where none was computed.
    """

    shares: dict[int, float | None]
    denominator: float
    count: int
    intervals: dict[int, Interval | None] = field(default_factory=dict)


def shares_above(units: Units, threshold: float) -> GroupShares:
    """Statistics of semantic groups: their shares among answers of a precision above a threshold.

    An answer weighs 1/k of its unit's k answers, so that every unit weighs the same. "Nothing in
    common" has precision 0, so it is never above.
    """
    return _weighted(units, lambda row: row.precision > threshold)


def shares_of_all(units: Units) -> GroupShares:
    """Shares of the semantic groups among all answers that have one, by the same weights."""
    return _weighted(units, lambda row: True)


def shares_by_majority(units: Units, threshold: float | None = None) -> GroupShares:
    """Shares of the semantic groups among units by strict majority, or NO_MAJORITY.

    Args:
        threshold: counts only units whose precision is strictly above it; None counts all.
    """
    votes: Counter[int] = Counter()
    for answers in units:
        precision = unit_mean(answers)
        if precision is not None and (threshold is None or precision > threshold):
            votes[majority(answers) or NO_MAJORITY] += 1
    count = votes.total()
    return GroupShares(_shares(votes, count, (*GROUPS, NO_MAJORITY)), float(count), count)


def majority(answers: Sequence[AnswerRow]) -> int | None:
    """The one of the six groups that more than half of a unit's answers chose, or "nothing"."""
    votes = Counter(row.group for row in answers if row.group is not None)
    for group, count in votes.most_common(1):
        if 2 * count > len(answers):
            return group
    return None


def _weighted(units: Units, is_kept: Callable[[AnswerRow], bool]) -> GroupShares:
    """Groups of the kept answers, each weighing 1/k of the k answers, kept or not, of its unit."""
    weights: dict[int, list[float]] = {group: [] for group in GROUPS}
    for answers in units:
        for row in answers:
            if row.group is not None and is_kept(row):
                weights[row.group].append(1 / len(answers))
    sums = {group: fsum(of_group) for group, of_group in weights.items()}
    denominator = fsum(weight for of_group in weights.values() for weight in of_group)
    count = sum(map(len, weights.values()))
    return GroupShares(_shares(sums, denominator, GROUPS), denominator, count)


def _shares(
    sums: Mapping[int, float], denominator: float, groups: Iterable[int]
) -> dict[int, float | None]:
    return {group: sums.get(group, 0) / denominator if denominator else None for group in groups}
