"""The six semantic groups of a layer, counted by three rules that never share a number."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.precision import unit_mean

GROUPS = (1, 2, 3, 4, 5, 6)
NO_MAJORITY = 7

Units = Iterable[Sequence[AnswerRow]]


@dataclass(frozen=True, slots=True)
class GroupShares:
    """Shares of a whole, by group; they sum to 1 unless the denominator is 0.

    Attributes:
        shares: group (1..6, and NO_MAJORITY where units are counted) to share, all of them.
        denominator: what the shares are of: summed weights of answers, or a count of units.
        count: how many answers or units that is.
    """

    shares: dict[int, float | None]
    denominator: float
    count: int


def shares_above(units: Units, threshold: float) -> GroupShares:
    """Groups of the answers above a threshold, each answer weighing 1/k of its unit's k answers.

    "Nothing in common" has precision 0, so it is never above.
    """
    return _weighted(units, lambda row: row.precision > threshold)


def shares_of_all(units: Units) -> GroupShares:
    """Groups of all answers that have one, whatever their precision, each weighing 1/k."""
    return _weighted(units, lambda row: True)


def shares_by_majority(units: Units, threshold: float | None = None) -> GroupShares:
    """Groups of units by strict majority; units without one are a seventh bar.

    Args:
        threshold: only units whose mean precision is strictly above it; None takes all.
    """
    votes: Counter[int] = Counter()
    for answers in units:
        precision = unit_mean(answers)
        if precision is not None and (threshold is None or precision > threshold):
            votes[majority(answers) or NO_MAJORITY] += 1
    count = votes.total()
    return GroupShares(_shares(votes, count, (*GROUPS, NO_MAJORITY)), float(count), count)


def majority(answers: Sequence[AnswerRow]) -> int | None:
    """The group that more than half of a unit's answers chose, "nothing in common" included."""
    votes = Counter(row.group for row in answers if row.group is not None)
    for group, count in votes.most_common(1):
        if 2 * count > len(answers):
            return group
    return None


def unanimous_share(units: Units) -> float | None:
    """The share of units whose answers, at least two, all choose the same group."""
    several = [answers for answers in units if len(answers) > 1]
    if not several:
        return None
    return sum(_is_unanimous(answers) for answers in several) / len(several)


def _is_unanimous(answers: Sequence[AnswerRow]) -> bool:
    groups = {row.group for row in answers}
    return len(groups) == 1 and None not in groups


def _weighted(units: Units, takes: Callable[[AnswerRow], bool]) -> GroupShares:
    weights: dict[int, list[float]] = {group: [] for group in GROUPS}
    for answers in units:
        for row in answers:
            if row.group is not None and takes(row):
                weights[row.group].append(1 / len(answers))
    sums = {group: fsum(of_group) for group, of_group in weights.items()}
    denominator = fsum(weight for of_group in weights.values() for weight in of_group)
    count = sum(map(len, weights.values()))
    return GroupShares(_shares(sums, denominator, GROUPS), denominator, count)


def _shares(
    sums: Mapping[int, float], denominator: float, groups: Iterable[int]
) -> dict[int, float | None]:
    return {group: sums.get(group, 0) / denominator if denominator else None for group in groups}
