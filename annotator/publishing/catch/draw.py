"""Which low images of a layer's units become their catch images.

They are drawn by a keyed hash of study, unit and image, with chances that make catch images, taken
over the layer, like the top images that they are mixed with: an image is a catch image as often,
by proportion, as it is a top image, and it is as often repeated, as large in bytes and as sharp. So
none of these gives catch images away.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotator.publishing.catch.raking import (
    BALANCE_ROUNDS,
    NONE,
    Cue,
    Floats,
    Numbers,
    balanced_chances,
    identity_feature,
    proportional,
    quantile_feature,
    raking_chances,
)
from annotator.publishing.catch.repetition import Repetition


@dataclass(frozen=True)
class CatchCandidates:
    """What the catch images of a layer's units are drawn from.

    Images are numbered from 0, and mirrored ones, which units show as repeats, after all others.

    Attributes:
        shown: (units, top images and repeats).
        candidates: (units, candidates), none of them shown by the unit; NONE pads rows.
        hit_counts: (images,) in how many HITs of the study each is shown, catch images left out.
        cues: what catch images shall be like the shown ones in, besides which images they are.
        count: the number of catch images of a unit.
    """

    shown: Numbers
    candidates: Numbers
    hit_counts: Floats
    cues: tuple[Cue, ...]
    count: int

    @property
    def is_usable(self) -> NDArray[np.bool_]:
        """(units, candidates): which are images."""
        return self.candidates != NONE

    @property
    def repetition(self) -> Repetition:
        """In how many HITs images are shown, the expected number as a catch image included."""
        return Repetition(self.shown, self.candidates, self.hit_counts)


def draw_catch_images(
    pool: CatchCandidates, order: NDArray[np.uint64], points: NDArray[np.uint64]
) -> Numbers:
    """Draw the catch images of each unit: columns of `candidates`, NONE where it has too few.

    Args:
        order: (units, candidates), random numbers that put candidates in order.
        points: (units,), random numbers that draw from them.

    Returns:
        (units, count).
    """
    return draw_columns(catch_chances(pool), order, points, pool.count)


def catch_chances(pool: CatchCandidates) -> Floats:
    """The chances with which candidates are drawn as catch images, (units, candidates)."""
    features = [
        identity_feature(pool.shown, pool.candidates),
        *map(quantile_feature, pool.cues),
        pool.repetition.feature(),
    ]
    chances_of = partial(proportional, count=pool.count)
    raked = raking_chances(pool.is_usable, features, chances_of)
    chances = raked
    for _ in range(BALANCE_ROUNDS):
        cues = [*pool.cues, pool.repetition.cue(chances)]
        chances = balanced_chances(raked, cues, chances_of)
    return chances


def draw_columns(
    chances: Floats, order: NDArray[np.uint64], points: NDArray[np.uint64], count: int
) -> Numbers:
    """Draw different candidates of each row by their chances: a systematic sample (Madow 1949).

    The cumulated chances of a row, in random order, are cut at every whole number above one random
    number, so each candidate is drawn with its chance, and none twice.

    Args:
        chances: (rows, candidates), at most 1; rows add up to `count`, or to fewer.
        order: (rows, candidates), random numbers.
        points: (rows,), random numbers.

    Returns:
        (rows, count): columns, NONE where a row has fewer.
    """
    if not chances.size:
        return np.full((len(chances), count), NONE)
    places = order.argsort(axis=1, kind="stable")
    ordered = np.take_along_axis(chances, places, axis=1)
    cuts = (points / 2**64)[:, None] + np.arange(count)
    drawn = (ordered.cumsum(axis=1)[:, None, :] <= cuts[:, :, None]).sum(axis=2)
    last = np.where(ordered > 0, np.arange(ordered.shape[1]), NONE).max(axis=1)
    columns = np.take_along_axis(places, np.minimum(drawn, last[:, None]), axis=1)
    has_one = np.arange(count) < np.rint(chances.sum(axis=1))[:, None]
    return np.where(has_one, columns, NONE)
