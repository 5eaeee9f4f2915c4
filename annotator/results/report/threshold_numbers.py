"""The numbers of a layer that depend on the threshold of precision, at several thresholds.

A reader may look at another threshold than the study's. The answers are not loaded again for that:
a report holds these numbers at the thresholds that its page offers.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from annotator.results.loading.answers import AnswerRow
from annotator.results.report.chance_levels import ChanceLevel, ControlUnits, chance_levels
from annotator.results.report.detectors import Detectors, detectors
from annotator.results.report.unit import UnitResult
from annotator.results.stats.dawid_skene import MIN_ANSWERS
from annotator.results.stats.groups import GROUPS, GroupShares, shares_above, shares_by_majority
from annotator.results.stats.intervals import Interval, share_interval
from annotator.results.stats.intervals.decisions import Decisions
from annotator.results.stats.intervals.influence import Influence
from annotator.results.stats.threshold_curve import share_above

OFFERED_THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class DawidSkeneGroups:
    """The units of a layer by their probable group.

    Attributes:
        groups: shares of the units above the threshold, 1..6.
        differing_count: units whose probable group differs from the one that most of their
            answers chose; ties do not count.
        is_weak: fewer than 5 answers a unit on average, so the model is weakly identified.
    """

    groups: GroupShares
    differing_count: int
    is_weak: bool


@dataclass(frozen=True, slots=True)
class ThresholdNumbers:
    """The numbers of a layer at one threshold; fields are called as in LayerResult."""

    threshold: float
    share_of_units_above: float | None
    share_of_units_above_interval: Interval | None
    share_of_answers_above: float | None
    units_with_object_answer: float | None
    units_with_object_answer_interval: Interval | None
    groups: GroupShares
    groups_by_majority: GroupShares
    dawid_skene_groups: DawidSkeneGroups | None
    detectors: Detectors
    chance: tuple[ChanceLevel, ...] = ()


def threshold_numbers(
    units: Sequence[UnitResult],
    answers: Sequence[Sequence[AnswerRow]],
    thresholds: Sequence[float],
    decided: Decisions,
    controls: Mapping[str, ControlUnits] = MappingProxyType({}),
) -> tuple[ThresholdNumbers, ...]:
    """Compute a layer's numbers at some thresholds, in their order.

    Args:
        answers: the counted answers of each of the units.
        decided: the same units.
        controls: of chance controls of the layer, by name.
    """
    precisions = [row.precision for of_unit in answers for row in of_unit]
    with_object = [decided.with_object_answer(threshold) for threshold in thresholds]
    return tuple(
        ThresholdNumbers(
            threshold=threshold,
            share_of_units_above=share_above((unit.precision for unit in units), threshold),
            share_of_answers_above=share_above(precisions, threshold),
            share_of_units_above_interval=share_interval(decided.share_above(threshold)),
            units_with_object_answer=of_object.level if of_object else None,
            units_with_object_answer_interval=share_interval(of_object),
            groups=with_intervals(
                shares_above(answers, threshold),
                partial(decided.group_above, threshold=threshold),
            ),
            groups_by_majority=with_intervals(
                shares_by_majority(answers, threshold),
                partial(decided.group_by_majority, threshold=threshold),
            ),
            dawid_skene_groups=dawid_skene_groups(units, threshold),
            detectors=detectors(units, threshold, decided),
            chance=chance_levels(decided, controls, threshold),
        )
        for threshold, of_object in zip(thresholds, with_object, strict=True)
    )


def with_intervals(
    shares: GroupShares, influence_of: Callable[[int], Influence | None]
) -> GroupShares:
    """Numbers at one threshold: shares by group, each with its interval over units and workers."""
    intervals = {group: share_interval(influence_of(group)) for group in shares.shares}
    return replace(shares, intervals=intervals)


def dawid_skene_groups(units: Sequence[UnitResult], threshold: float) -> DawidSkeneGroups | None:
    """Numbers at one threshold: units above it by their probable group; None where none has one."""
    pairs = [(unit, unit.probable_group.group) for unit in units if unit.probable_group]
    if not pairs:
        return None
    above = Counter(group for unit, group in pairs if unit.precision > threshold)
    count = above.total()
    shares = {group: above[group] / count if count else None for group in GROUPS}
    answer_count = sum(sum(unit.group_votes.values()) for unit, _ in pairs)
    return DawidSkeneGroups(
        groups=GroupShares(shares, float(count), count),
        differing_count=sum(_differs(unit, group) for unit, group in pairs),
        is_weak=answer_count < MIN_ANSWERS * len(pairs),
    )


def _differs(unit: UnitResult, probable_group: int) -> bool:
    """Whether one group alone has most votes, and it is not the probable one."""
    highest = max(unit.group_votes.values())
    leading = [group for group, votes in unit.group_votes.items() if votes == highest]
    return len(leading) == 1 and leading != [probable_group]
