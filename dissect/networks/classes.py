"""The classes of a network: their probabilities for an image, and finding one by name."""

from collections.abc import Mapping

import torch
from torch import Tensor

from dissect.errors import BadSetting, UnsupportedLayer, did_you_mean
from dissect.networks.layer_outputs import blank_input, forward
from dissect.networks.registry import Network


def probabilities(network: Network, pixels: Tensor) -> Tensor:
    """The probability of each class: the softmax of the network's output.

    The output is one tensor, or a dictionary with a single tensor or with one named "logits".

    Args:
        pixels: (images, channels, crop, crop) uint8.

    Returns:
        (images, classes).

    Raises:
        UnsupportedLayer: the output is not one number for each class.
    """
    output = forward(network, pixels)
    logits = _logits(output)
    if logits is None or logits.ndim != 2 or len(logits) != len(pixels):
        shape = type(output).__name__ if logits is None else tuple(logits.shape)
        raise UnsupportedLayer(
            f"{network.spec} is no classifier: it puts out {shape}, not (images, classes), alone "
            'or as "logits".'
        )
    return torch.softmax(logits.float(), dim=1)


def _logits(output: object) -> Tensor | None:
    """The scores of classes in what a network puts out: the only tensor, or that named logits."""
    if isinstance(output, Tensor):
        return output
    if not isinstance(output, Mapping):
        return None
    tensors = {name: part for name, part in output.items() if isinstance(part, Tensor)}
    only = next(iter(tensors.values())) if len(tensors) == 1 else None
    return tensors.get("logits", only)


def class_count(network: Network) -> int:
    return int(probabilities(network, blank_input(network)).shape[1])


def class_index(network: Network, name: str, count: int | None = None) -> int:
    """The index of one of the network's classes, from its name or its number.

    Args:
        name: the class's name in any case, or its index.
        count: number of the network's classes, where it is known.

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
    hint = did_you_mean(name.lower(), lower)
    raise BadSetting(f"{network.spec} has no class named {name!r}.{hint}")


def class_name(network: Network, index: int) -> str:
    """The name of one of the network's classes, or its number where it has none."""
    return network.classes[index] if index < len(network.classes) else str(index)
