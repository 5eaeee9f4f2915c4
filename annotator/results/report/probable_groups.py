"""The groups of a layer by Dawid and Skene, beside those by majority."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.results.report.unit import UnitResult
from annotator.results.stats.dawid_skene import MIN_ANSWERS
from annotator.results.stats.groups import GROUPS, GroupShares


@dataclass(frozen=True, slots=True)
class DawidSkeneGroups:
    """Units by their probable group.

    Attributes:
        groups: shares of the units above the threshold; 1..6.
        differing_count: units whose probable group is not the one that most answers chose alone.
        is_weak: fewer than 5 answers a unit, so that it is weakly identified.
    """

    groups: GroupShares
    differing_count: int
    is_weak: bool


def dawid_skene_groups(units: Sequence[UnitResult], threshold: float) -> DawidSkeneGroups | None:
    """The units of a layer by probable group; None where no unit has one."""
    known = [unit for unit in units if unit.probable is not None]
    if not known:
        return None
    above = Counter(
        unit.probable.group for unit in known if unit.probable and unit.precision > threshold
    )
    count = above.total()
    shares = {group: above[group] / count if count else None for group in GROUPS}
    answers = sum(sum(unit.group_votes.values()) for unit in known)
    return DawidSkeneGroups(
        groups=GroupShares(shares, float(count), count),
        differing_count=sum(_differs(unit) for unit in known),
        is_weak=answers < MIN_ANSWERS * len(known),
    )


def _differs(unit: UnitResult) -> bool:
    most = max(unit.group_votes.values())
    leading = [group for group, n in unit.group_votes.items() if n == most]
    return unit.probable is not None and leading != [unit.probable.group] and len(leading) == 1
