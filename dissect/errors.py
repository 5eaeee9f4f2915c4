"""What can go wrong, each with one clear sentence.

DissectError
├── UnknownNetwork       no such network, or it cannot be made
├── UnreadableWeights    the weights cannot be read, or do not fit
├── UnknownLayer         the model has no layer by that name
├── UnsupportedLayer     the layer has no units that can be shown
├── ImagesError          no images, too few, or none that can be read
├── BadSetting           an option's value makes no sense
├── BadDirections        a file of directions cannot be read, or does not fit
├── NoGroundTruth        masks are asked for where there are none that can be read
├── BadDissection        a stored dissection cannot be read
└── StoreError           where images or results live does not answer, refuses or is full
"""

from collections.abc import Iterable
from difflib import get_close_matches


class DissectError(Exception):
    """Anything that a user can mend; its text is one sentence."""


class UnknownNetwork(DissectError):
    """There is no such network, or it cannot be made."""


class UnreadableWeights(DissectError):
    """The weights cannot be read, or do not fit the network."""


class UnknownLayer(DissectError):
    """The model has no layer by that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = [layer for layer in known if layer]
        near = get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else f" It has {', '.join(names[:8])}."
        super().__init__(f"The network has no layer named {name!r}.{hint}")


class UnsupportedLayer(DissectError):
    """The layer puts out nothing that has units."""


class ImagesError(DissectError):
    """No images, too few, or none that can be read."""


class BadSetting(DissectError):
    """An option's value makes no sense."""


class BadDirections(DissectError):
    """A file of directions cannot be read, or does not fit the layer."""


class NoGroundTruth(DissectError):
    """Masks are asked for where there are none that can be read."""


class BadDissection(DissectError):
    """A stored dissection cannot be read."""


class StoreError(DissectError):
    """Where images or results live does not answer, refuses or is full."""
