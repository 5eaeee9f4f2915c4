"""Chance levels: the headline numbers of a layer beside those of its chance controls.

What people see in random directions or random images they see anywhere, so a report shows each
headline of a network beside the level of its controls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import Interval, interval_over_units
from annotator.results.stats.intervals.decisions import Decisions
from annotator.results.stats.intervals.influence import Influence


@dataclass(frozen=True, slots=True)
class ChanceLevel:
    """One headline number of a layer beside what a chance control of it gives.

    Attributes:
        control: the control, by name.
        number: mean_precision, share_of_units_above, detector_share, or groups.
        group: 1..6 with groups, else None.
        level: the number of the control; None where it has none, as a group of no answers.
        excess: the layer's number minus it.
        interval: 95 % interval of the excess, studentized, over units and workers; None where a
            side has too few units, or the two are not compared.
        unit_count: answered units of the control.
        why_not: why the two only stand side by side; None where they are compared.
    """

    control: str
    number: str
    group: int | None
    level: float | None
    excess: float | None
    interval: Interval | None
    unit_count: int
    why_not: str | None = None

    @property
    def is_above_chance(self) -> bool | None:
        """Whether the whole interval of the excess is above 0; None without one."""
        return None if self.interval is None else self.interval.low > 0


@dataclass(frozen=True, slots=True)
class ControlUnits:
    """The answered units of a control of a layer; `why_not` as in ChanceLevel."""

    decided: Decisions
    why_not: str | None = None


def chance_levels(
    decided: Decisions, controls: Mapping[str, ControlUnits], threshold: float
) -> tuple[ChanceLevel, ...]:
    """The headline numbers of a layer beside those of each of its chance controls.

    Args:
        controls: of the same layer, by name; those without answers are left out.
    """
    return tuple(
        _chance_level(name, control, *number)
        for name, control in controls.items()
        if control.decided.unit_count
        for number in _headlines(decided, control.decided, threshold)
    )


def _headlines(
    own: Decisions, control: Decisions, threshold: float
) -> Iterator[tuple[str, int | None, Influence | None, Influence | None]]:
    """(number, group, its influence in the layer, and in the control)"""
    yield "mean_precision", None, own.mean_precision(), control.mean_precision()
    above = own.share_above(threshold), control.share_above(threshold)
    yield "share_of_units_above", None, *above
    yield "detector_share", None, own.detectors(threshold), control.detectors(threshold)
    for group in GROUPS:
        of_group = own.group_above(group, threshold), control.group_above(group, threshold)
        yield "groups", group, *of_group


def _chance_level(
    name: str,
    control: ControlUnits,
    number: str,
    group: int | None,
    own: Influence | None,
    chance: Influence | None,
) -> ChanceLevel:
    both = None if control.why_not or own is None or chance is None else (own, chance)
    return ChanceLevel(
        control=name,
        number=number,
        group=group,
        level=chance.level if chance else None,
        excess=both[0].level - both[1].level if both else None,
        interval=interval_over_units(*both) if both else None,
        unit_count=control.decided.unit_count,
        why_not=control.why_not,
    )
