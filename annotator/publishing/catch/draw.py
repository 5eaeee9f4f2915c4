"""Which low images of a layer's units become their catch images, and whose regions they borrow.

Both are drawn by a keyed hash of study, unit and image, with weights that make catch images, taken
over the layer, like the top images that they are mixed with: an image is a catch image as often,
by proportion, as it is a top image, and is as often repeated, as large in bytes, as much enlarged,
and lit in regions of the same shapes. So none of these gives catch images away.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.publishing.catch.raking import (
    Cue,
    Feature,
    Floats,
    balanced_chances,
    draw_one,
    identity_feature,
    quantile_bins,
    quantile_feature,
    raking_chances,
)

Numbers = NDArray[np.int64]

NONE = -1  # pads rows: no image
BALANCE_ROUNDS = 3


@dataclass(frozen=True)
class CatchCandidates:
    """What a layer's catch images are drawn from.

    Images are numbered from 0, and mirrored ones, which units show as repeats, after all others.
    The candidates of a unit are in as many parts as it gets catch images, one of each part; a row
    is a part of a unit.

    Attributes:
        shown: (rows, top images and repeats).
        candidates: (rows, candidates), none of them shown by the unit.
        is_in_part: (rows, candidates) whether each may be drawn for the row.
        hit_counts: (images,) in how many HITs of the study each is shown, catch images left out.
        cues: what catch images shall be like the shown ones in, besides which images they are.
    """

    shown: Numbers
    candidates: Numbers
    is_in_part: NDArray[np.bool_]
    hit_counts: Floats
    cues: tuple[Cue, ...]


def draw_catch_images(pool: CatchCandidates, points: NDArray[np.uint64]) -> Numbers:
    """Draw the catch image of each row: a column of `candidates`, or NONE if it has none.

    Args:
        points: (rows,) random numbers, which fix the draw.
    """
    columns = draw_one(catch_chances(pool), points)
    return np.where(pool.is_in_part.any(axis=1), columns, NONE)


def catch_chances(pool: CatchCandidates) -> Floats:
    """The chance of each candidate to be the catch image of its row, (rows, candidates)."""
    candidates = np.where(pool.is_in_part, pool.candidates, NONE)
    features = [
        identity_feature(pool.shown, candidates),
        *map(quantile_feature, pool.cues),
        _repetition_feature(pool),
    ]
    raked = raking_chances(pool.is_in_part, features)
    chances = raked
    for _ in range(BALANCE_ROUNDS):  # how often an image comes depends on the chances themselves
        chances = balanced_chances(raked, [*pool.cues, _repetition(pool, chances)])
    return chances


def _repetition_feature(pool: CatchCandidates) -> Feature:
    """In how many HITs an image is shown, including the expected number as a catch image."""

    def bins(chances: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        cue = _repetition(pool, chances)
        return quantile_bins(cue.shown, cue.shown, True), quantile_bins(cue.shown, cue.offered)

    return Feature(bins)


def _repetition(pool: CatchCandidates, chances: Floats) -> Cue:
    images = np.where(pool.is_in_part, pool.candidates, 0)
    expected = np.bincount(images.ravel(), chances.ravel(), minlength=len(pool.hit_counts))
    counts = pool.hit_counts + expected
    shown = np.where(pool.shown == NONE, np.nan, np.rint(counts[pool.shown]))
    # In the HIT that shows it as a catch image it counts as 1, not as its chance.
    offered = np.where(pool.is_in_part, np.rint(counts[images] + 1 - chances), np.nan)
    return Cue(shown, offered)
