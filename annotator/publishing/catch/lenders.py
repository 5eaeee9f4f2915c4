"""Which regions catch images may borrow: of pictures that the HIT does not show.

Weak images have smaller regions of their own, and a shape that comes twice gives itself away. So
each catch image takes the region of one spare image of the unit, with its parts, peak and crop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.publishing.catch.raking import (
    Cue,
    balanced_chances,
    draw_one,
    quantile_feature,
    raking_chances,
    split,
)
from dissect.format.parts import parts_of
from dissect.format.tiles import Box

STEP = 4  # shapes are measured on every fourth pixel of a mask

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class UnitRegions:
    """The regions of a unit, by mask number.

    Attributes:
        numbers: (regions, k) of their shapes, which must not tell shown ones from borrowed ones.
        is_lit: (regions,) whether they light anything.
        shown: how many of them are shown, the first ones; the others are spare.
        repeated: how many of the first ones are shown twice.
    """

    numbers: Floats
    is_lit: NDArray[np.bool_]
    shown: int
    repeated: int = 0

    def spare(self, count: int) -> NDArray[np.bool_]:
        """(regions,) which ones `count` catch images may borrow.

        An empty region, which lights the whole picture, is borrowed only if one is shown. An import
        may have no spare regions: then all are lent.
        """
        is_like_shown = self.is_lit | ~self.is_lit[: self.shown].all()
        spare = is_like_shown & (np.arange(len(self.is_lit)) >= self.shown)
        return spare if spare.sum() >= count else np.ones_like(spare)


def unit_regions(
    masks: NDArray[np.bool_], boxes: Sequence[Box] | None, shown: int, repeated: int = 0
) -> UnitRegions:
    """Measure the regions of a unit from which its catch images borrow.

    Args:
        masks: (regions, side, side).
        boxes: the crop around each, if tiles are cropped.
        shown: how many of them are shown, the first ones.
        repeated: how many of those are shown twice.
    """
    small = masks[:, ::STEP, ::STEP]
    numbers = [_shape(region) for region in small]
    columns = [np.array(numbers, dtype=float).reshape(len(masks), -1), _likeness(small, shown)]
    if boxes is not None:
        crops = np.array(boxes, dtype=float).reshape(len(masks), 3)
        columns += [crops, small.mean(axis=(1, 2))[:, None] / crops[:, 2:] ** 2]
    return UnitRegions(np.hstack(columns), small.any(axis=(1, 2)), shown, repeated)


def _shape(region: NDArray[np.bool_]) -> tuple[float, ...]:
    """Area, length of the edge, middle, height, width, number of parts, share of the border."""
    if not region.any():
        return (0.0,) * 8
    ys, xs = np.nonzero(region)
    edge = (region[1:] != region[:-1]).sum() + (region[:, 1:] != region[:, :-1]).sum()
    border = region[[0, -1]].mean() + region[:, [0, -1]].mean()
    parts = parts_of(region).count
    return region.mean(), edge, ys.mean(), xs.mean(), np.ptp(ys), np.ptp(xs), parts, border


def _likeness(masks: NDArray[np.bool_], shown: int) -> Floats:
    """(regions, 1): the largest intersection over union of each with another, shown region."""
    flat = masks.reshape(len(masks), -1).astype(np.float32)
    areas = flat.sum(axis=1)
    intersection = flat @ flat[:shown].T
    union = areas[:, None] + areas[:shown] - intersection
    ratios = intersection / np.maximum(union, 1)
    ratios[range(shown), range(shown)] = 0
    return ratios.max(axis=1, initial=0).astype(float)[:, None]


def draw_lenders(
    regions: Sequence[UnitRegions], order: NDArray[np.uint64], points: NDArray[np.uint64]
) -> Numbers:
    """Draw the regions that the catch images of a layer's units borrow.

    The chances make their shapes, taken over the layer, like those of shown regions. The spare
    regions of a unit are split at random, one part for each catch image, so no two are the same.

    Args:
        order: (units, masks), random numbers that split the regions.
        points: (units, catch images of a unit), random numbers that draw one of each part.

    Returns:
        (units, catch images): mask numbers.
    """
    count = points.shape[1]
    parts = split(order, np.array([unit.spare(count) for unit in regions]), count)
    cues = [cue.repeated(count) for cue in region_cues(regions)]
    raked = raking_chances(parts, [quantile_feature(cue) for cue in cues])
    return draw_one(balanced_chances(raked, cues), points.ravel()).reshape(points.shape)


def region_cues(regions: Sequence[UnitRegions]) -> list[Cue]:
    """What could tell which regions are lent: the numbers of those shown, and of all there are."""
    pages = [[*range(unit.shown), *range(unit.repeated)] for unit in regions]
    shown = np.array([unit.numbers[own] for unit, own in zip(regions, pages, strict=True)])
    offered = np.array([unit.numbers for unit in regions])
    return [Cue(shown[:, :, number], offered[:, :, number]) for number in range(shown.shape[2])]
