"""Which low candidates of a layer's units become their catch images.

They are drawn by a keyed hash of study, unit and image, with weights: taken over the layer, catch
images are shown as often, in all HITs of the study, as the top images that they stand among, and
their files are as large. So neither repetition nor size tells them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.keyed_random import keyed_number
from annotator.publishing.raking import Feature, Floats, Parts, parts, raked

NONE = -1  # no image
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Low:
    """What a layer's catch images are drawn from; images have numbers from 0.

    Attributes:
        units: (units,) what tells each from all others of the study.
        shown: (units, top images).
        candidates: (units, candidates), none of them shown; NONE pads units with fewer.
        seen: (images,) in how many HITs of the study each is shown, without what is drawn.
        sizes: (images,) bytes of their files.
    """

    units: Numbers
    shown: Numbers
    candidates: Numbers
    seen: Floats
    sizes: Floats


def draw(low: Low, key: str, count: int) -> list[list[int]]:
    """The columns of its candidates that each unit gets; fewer where it has fewer.

    Args:
        key: the study's secret.
        count: catch images of a unit.
    """
    rates = raked(count, low.candidates != NONE, [_size(low), _repetition(low)])
    found = []
    for unit, images, own in zip(low.units, low.candidates, rates, strict=True):
        able = np.flatnonzero(own).tolist()
        times = {at: _time(keyed_number(key, "catch", unit, images[at]), own[at]) for at in able}
        found.append(sorted(able, key=times.__getitem__)[:count])
    return found


def _time(drawn: int, rate: float) -> float:
    """When something of this rate comes up; drawn from 0 to 2^64."""
    return -math.log((drawn + 0.5) / 2**64) / rate


def _size(low: Low) -> Feature:
    offered = np.where(low.candidates == NONE, np.nan, low.sizes[low.candidates])
    shown = low.sizes[low.shown]
    found = parts(shown, shown), parts(shown, offered)
    return lambda drawn: found


def _repetition(low: Low) -> Feature:
    """In how many HITs a picture is to be seen, those counted where it is a catch image."""
    is_one = low.candidates != NONE

    def feature(drawn: Floats) -> tuple[Parts, Parts]:
        weights = np.where(is_one, drawn, 0).ravel()
        places = np.where(is_one, low.candidates, 0)
        seen = low.seen + np.bincount(places.ravel(), weights, minlength=len(low.seen))
        shown = np.rint(seen[low.shown])
        # Where it is a catch image, it is one for certain, and not only probably.
        offered = np.where(is_one, np.rint(seen[places] + 1 - drawn), np.nan)
        return parts(shown, shown), parts(shown, offered)

    return feature
