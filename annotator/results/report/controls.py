"""Chance controls: their order among the networks they control, their labels, and their levels.

What people find in random directions or random images they find anywhere: a headline of a network
stands beside the level of its controls.

A figure, its text alternative and its tables show a control next to its network and name it in
words: "random directions" says more than the name of a seeded rotation.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import Interval, interval_over_units
from annotator.results.stats.intervals.decisions import Decisions
from annotator.results.stats.intervals.influence import Influence


class Network(Protocol):
    """A network as dissected or as reported."""

    @property
    def name(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def condition(self) -> str: ...
    @property
    def control_of(self) -> str | None: ...


N = TypeVar("N", bound=Network)


def grouped_with_controls(networks: Sequence[N]) -> list[N]:
    """Put each network's chance controls right after it; keep the order otherwise."""
    names = {network.name for network in networks}
    ordered: dict[str, N] = {}

    def add(network: N) -> None:
        if network.name not in ordered:
            ordered[network.name] = network
            for other in networks:
                if other.control_of == network.name:
                    add(other)

    for network in networks:
        if network.control_of not in names:
            add(network)
    return list(ordered.values())


def control_names(networks: Iterable[Network]) -> set[str]:
    """Names of the networks that are a chance control of another network among these."""
    networks = list(networks)
    names = {network.name for network in networks}
    return {network.name for network in networks if network.control_of in names}


def chart_labels(networks: Iterable[Network]) -> dict[str, str]:
    """Label the chance controls of networks for charts, beside the networks themselves, by name.

    A control is labelled by its kind, any other network by its display name. Where there are
    several networks, a control's label says whose control it is; two controls of one kind are told
    apart by their own names.
    """
    networks = list(networks)
    controls = control_names(networks)
    has_one_network = len(networks) - len(controls) == 1
    shown = {network.name: network.display_name for network in networks}
    kinds = {
        network.name: network.condition
        if has_one_network
        else f"{network.condition}, control of {shown[str(network.control_of)]}"
        for network in networks
        if network.name in controls
    }
    uses = Counter(kinds.values())
    labels = {name: kind if uses[kind] == 1 else f"{kind} ({name})" for name, kind in kinds.items()}
    return {network.name: labels.get(network.name, shown[network.name]) for network in networks}


def control_kinds(networks: Iterable[Network]) -> dict[str, str]:
    """Label chance controls where their network stands beside them: by their kinds alone.

    Two of one kind are told apart by their own names.
    """
    networks = [network for network in networks if network.control_of]
    uses = Counter((network.control_of, network.condition) for network in networks)
    return {
        network.name: network.condition
        if uses[network.control_of, network.condition] == 1
        else f"{network.condition} ({network.name})"
        for network in networks
    }


def labels_in_prose(networks: Iterable[Network]) -> dict[str, str]:
    """Label chance controls in a sentence, each with the network that it is a control of."""
    networks = list(networks)
    controls, labels = control_names(networks), chart_labels(networks)
    return {
        network.name: f"{labels[network.name]}, a chance control of {labels[network.control_of]}"
        if network.control_of
        and network.name in controls
        and "control of" not in labels[network.name]
        else labels[network.name]
        for network in networks
    }


@dataclass(frozen=True, slots=True)
class ChanceLevel:
    """One headline number of a layer beside what a chance control of it gives.

    Attributes:
        control: the control, by name.
        number: mean_precision, share_of_units_above, detector_share, or groups.
        group: 1..6 with groups, else None.
        level: the number of the control; None where it has none, as a group of no answers.
        excess: the layer's number minus it.
        interval: 95 % interval of the excess, studentised, over units and workers; None where a
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
