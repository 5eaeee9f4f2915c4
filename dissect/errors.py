"""The errors of the library. The text of each is one sentence for the user.

DissectError
├── UnknownNetwork       the network does not exist, or cannot be made
├── UnreadableWeights    the weights cannot be read, or do not fit
├── UnknownLayer         the model has no layer of that name
├── UnsupportedLayer     the layer has no units that can be shown
├── ImagesError          no images, too few, or none that can be read
├── BadSetting           the value of an option is not valid
├── OutOfMemory          the device has less memory than a forward needs
├── BadDirections        a file of directions cannot be read, or does not fit
├── MissingPackage       something needs a package that is not installed
├── NoGroundTruth        ground-truth masks are needed, and there are none that can be read
├── BadDissection        a stored dissection cannot be read
└── StoreError           the storage of images or results is unreachable, refuses, or is full
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

MAX_NAMES = 3  # that a message lists
MAX_CHARACTERS = 1_500  # of a sentence, which may repeat a line of a hostile file


class DissectError(Exception):
    """An error that the user can fix; its text is one sentence."""

    def __str__(self) -> str:
        text = super().__str__()
        return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}..."


class UnknownNetwork(DissectError):
    """The network does not exist, or cannot be made."""


class UnreadableWeights(DissectError):
    """The weights cannot be read, or do not fit the network."""


class UnknownLayer(DissectError):
    """The model has no layer of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = [layer for layer in known if layer]
        hint = did_you_mean(name, names, cutoff=0.5) or f" It has {', '.join(names[:8])}."
        super().__init__(f"The network has no layer named {name!r}.{hint}")


class UnsupportedLayer(DissectError):
    """The layer has no units that can be shown."""


class ImagesError(DissectError):
    """There are no images, too few, or none that can be read."""


class BadSetting(DissectError):
    """The value of an option is not valid."""


class OutOfMemory(DissectError):
    """The device has less memory than a forward needs."""


class BadDirections(DissectError):
    """A file of directions cannot be read, or does not fit the layer."""


class MissingPackage(DissectError, ImportError):
    """Something needs a package that is not installed."""


class NoGroundTruth(DissectError):
    """Ground-truth masks are needed, and there are none that can be read."""


class BadDissection(DissectError):
    """A stored dissection cannot be read."""


class StoreError(DissectError):
    """The storage of images or results is unreachable, refuses, or is full.

    Attributes:
        may_pass: whether the same work may succeed later without a change of settings.
    """

    def __init__(self, sentence: str, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A hint for the end of an error message, or nothing where no known name is similar.

    >>> did_you_mean("layr4", ["layer3", "layer4"])
    ' Did you mean layer4 or layer3?'

    Args:
        cutoff: the least similarity, as difflib measures it.
    """
    similar = get_close_matches(name, list(known), n=3, cutoff=cutoff)
    return f" Did you mean {' or '.join(similar)}?" if similar else ""


def listed(names: Sequence[str]) -> str:
    """List the first few of some names in the sentence of a library's error.

    >>> listed(["a", "b", "c", "d"])
    'a, b, c, ...'
    """
    return ", ".join([*names[:MAX_NAMES], *(["..."] if len(names) > MAX_NAMES else [])])
