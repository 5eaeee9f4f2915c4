"""The classes of a network: what it says of an image, and the class that a user names."""

from difflib import get_close_matches

import torch
from torch import Tensor

from dissect.errors import BadSetting, UnsupportedLayer
from dissect.networks.layers import blank_input, forward
from dissect.networks.registry import Network


def probabilities(network: Network, pixels: Tensor) -> Tensor:
    """The softmax of what the network puts out.

    Args:
        pixels: (images, channels, crop, crop) uint8.

    Returns:
        (images, classes).

    Raises:
        UnsupportedLayer: the network does not put out one number for each class.
    """
    said = forward(network, pixels)
    if not isinstance(said, Tensor) or said.ndim != 2 or len(said) != len(pixels):
        shape = tuple(said.shape) if isinstance(said, Tensor) else type(said).__name__
        raise UnsupportedLayer(
            f"{network.spec} is no classifier: it puts out {shape}, not (images, classes)."
        )
    return torch.softmax(said.float(), dim=1)


def class_count(network: Network) -> int:
    return int(probabilities(network, blank_input(network)).shape[1])


def class_index(network: Network, name: str, count: int | None = None) -> int:
    """The index of a class that a user names, or gives the index of.

    Args:
        count: of the network's classes, where it is known.

    Raises:
        BadSetting: there is no such class.
    """
    count = count or class_count(network)
    if name.isascii() and name.isdigit():
        if int(name) < count:
            return int(name)
        raise BadSetting(f"{network.spec} has classes 0 to {count - 1}, not {name}.")
    lower = [known.lower() for known in network.classes]
    if name.lower() in lower:
        return lower.index(name.lower())
    if not lower:
        raise BadSetting(
            f"{network.spec} has no names for its {count} classes; give an index, not {name!r}."
        )
    near = get_close_matches(name.lower(), lower, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise BadSetting(f"{network.spec} has no class named {name!r}.{hint}")


def class_name(network: Network, index: int) -> str:
    """The class's name, or its number where it has none."""
    return network.classes[index] if index < len(network.classes) else str(index)
