"""A scene segmented by all units that people named: each region carries its unit's concept.

After the slides on Zhou et al. 2015, arXiv:1412.6856: "can this information be used to segment a
scene into objects?" A pixel's concept is the one whose units' regions cover it with the most
weight, the sum of their precisions; where no region is, there is background.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting

BACKGROUND = -1


@dataclass(frozen=True)
class NamedUnit:
    """What people call a unit, and how precisely its images fit that.

    Attributes:
        threshold, maximum: of its activations over an image set, where they are known.
    """

    layer: str
    unit: int
    concept: str
    precision: float
    threshold: float | None = None
    maximum: float | None = None


def read_named(path: Path) -> list[NamedUnit]:
    """The units that a file names: {"layers": {L: {UNIT: {"concept", "precision"}}}}.

    Besides a unit may have its "threshold" and "maximum".

    Raises:
        BadSetting: it cannot be read, or names none.
    """
    try:
        layers = json.loads(path.read_text(encoding="utf-8"))["layers"]
        found = [
            NamedUnit(
                layer, int(unit), str(one["concept"]), float(one["precision"]),
                one.get("threshold"), one.get("maximum"),
            )
            for layer, units in layers.items()
            for unit, one in units.items()
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(
            f"{path} cannot be read as names of units; it needs "
            '{"layers": {LAYER: {UNIT: {"concept", "precision"}}}}.'
        ) from error
    if not found:
        raise BadSetting(f"{path} names no unit: a scene needs one at least.")
    return found


def concepts_of(named: Sequence[NamedUnit]) -> tuple[str, ...]:
    """The concepts, sorted; words that differ in case or by _ for a space are one."""
    return tuple(sorted({plain(one.concept) for one in named}))


def plain(word: str) -> str:
    return " ".join(word.replace("_", " ").casefold().split())


def votes(
    regions: Mapping[str, Tensor], named: Sequence[NamedUnit], concepts: Sequence[str]
) -> NDArray[np.float64]:
    """The weight of each concept at each pixel.

    Args:
        regions: layer to (units, side, side) bool, of its named units in their order in `named`.

    Returns:
        (concepts, side, side): sums of precisions.
    """
    side = next(iter(regions.values())).shape[-1]
    found = np.zeros((len(concepts), side, side))
    seen = dict.fromkeys(regions, 0)
    for one in named:
        region = regions[one.layer][seen[one.layer]].cpu().numpy()
        seen[one.layer] += 1
        found[concepts.index(plain(one.concept))] += one.precision * region
    return found


def labels_of(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """(side, side): the heaviest concept, of equals the first; BACKGROUND where none weighs."""
    return np.where(weights.max(axis=0) > 0, weights.argmax(axis=0), BACKGROUND)
