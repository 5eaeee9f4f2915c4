"""Chance controls beside what they control: in which order, and called what.

A figure, its text and its tables show a control next to its network, in words: "random
directions" tells more than the name of a seeded rotation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """A network as dissected or as reported."""

    @property
    def name(self) -> str: ...
    @property
    def condition(self) -> str: ...
    @property
    def control_of(self) -> str | None: ...


N = TypeVar("N", bound=Named)


def grouped_with_controls(networks: Sequence[N]) -> list[N]:
    """Each network followed by its controls; otherwise in the order given."""
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


def control_names(networks: Iterable[Named]) -> set[str]:
    """The names of those that are a chance control of another one here."""
    networks = list(networks)
    names = {network.name for network in networks}
    return {network.name for network in networks if network.control_of in names}


def chart_labels(networks: Iterable[Named]) -> dict[str, str]:
    """Name to what a figure calls it: a control by its kind, all others by their name.

    LayerInputs several networks it says whose control it is; of two of one kind, its own name too.
    """
    networks = list(networks)
    controls = control_names(networks)
    is_alone = len(networks) - len(controls) == 1
    kinds = {
        network.name: network.condition
        if is_alone
        else f"{network.condition}, control of {network.control_of}"
        for network in networks
        if network.name in controls
    }
    times = Counter(kinds.values())
    told = {name: kind if times[kind] == 1 else f"{kind} ({name})" for name, kind in kinds.items()}
    return {network.name: told.get(network.name, network.name) for network in networks}


def labels_in_prose(networks: Iterable[Named]) -> dict[str, str]:
    """The same for a sentence, which has no key to look in: whose control each one is."""
    networks = list(networks)
    controls, short = control_names(networks), chart_labels(networks)
    return {
        network.name: f"{short[network.name]}, a chance control of {network.control_of}"
        if network.name in controls and "control of" not in short[network.name]
        else short[network.name]
        for network in networks
    }
