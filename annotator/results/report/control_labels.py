"""How reports order and label chance controls.

A figure, its text alternative and its tables show a control next to its network and name it in
words: "random directions" says more than the name of a seeded rotation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


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

    A control is labeled by its kind, any other network by its display name. Where there are
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
