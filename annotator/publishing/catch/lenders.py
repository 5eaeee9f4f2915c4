"""Which regions catch images may borrow: of pictures that the HIT does not show.

Weak images have smaller regions of their own, and a shape that comes twice gives itself away. So
each catch image takes the region of one spare image of the unit, with its parts, peak and crop.
"""

from collections import Counter
from collections.abc import Sequence
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
    distinct,
    quantile_feature,
    raking_chances,
)
from annotator.publishing.catch.repetition import Repetition
from annotator.publishing.catch.rounding import draw_cells
from dissect.format.region_parts import part_counts
from dissect.format.tiles import Box

STEP = 4  # shapes are measured on every fourth pixel of a mask


@dataclass(frozen=True)
class UnitRegions:
    """The regions of a unit, by mask number.

    Attributes:
        numbers: (regions, k) of their shapes, which must not tell shown ones from borrowed ones.
        is_lit: (regions,) whether they light anything.
        is_rare: (regions,) of spare ones: whether fewer spare ones before it have its shape than
            shown ones, or none has.
        shown: how many of them are shown, the first ones; the others are spare.
        repeated: how many of the first ones are shown twice.
    """

    numbers: Floats
    is_lit: NDArray[np.bool_]
    is_rare: NDArray[np.bool_]
    shown: int
    repeated: int = 0

    def spare(self, count: int) -> NDArray[np.bool_]:
        """(regions,) which ones `count` catch images may borrow.

        An empty region, which lights the whole picture, is borrowed only if one is shown, and of
        equal shapes as many as are shown, or one. An import may have no spare regions: then all are
        lent.
        """
        is_like_shown = self.is_lit | ~self.is_lit[: self.shown].all()
        spare = is_like_shown & (np.arange(len(self.is_lit)) >= self.shown)
        for some in (spare & self.is_rare, spare):
            if some.sum() >= count:
                return some
        return np.ones_like(spare)


def unit_regions(
    masks: NDArray[np.bool_], boxes: Sequence[Box], shown: int, repeated: int = 0
) -> UnitRegions:
    """Measure the regions of a unit from which its catch images borrow.

    Args:
        masks: (regions, side, side).
        boxes: the crop around each.
        shown: how many of them are shown, the first ones.
        repeated: how many of those are shown twice.
    """
    small = masks[:, ::STEP, ::STEP]
    crops = np.array(boxes, dtype=float).reshape(len(masks), 3)
    corners = np.array([box.inset_corner for box in boxes], dtype=float)
    columns = [_shapes(small), _likeness(small, shown), _border(masks), crops, corners[:, None]]
    columns.append(small.mean(axis=(1, 2))[:, None] / crops[:, 2:] ** 2)
    is_lit = small.any(axis=(1, 2))
    return UnitRegions(np.hstack(columns), is_lit, _is_rare(small, shown), shown, repeated)


def _is_rare(regions: NDArray[np.bool_], shown: int) -> NDArray[np.bool_]:
    """(regions,): of spare ones, whether fewer before have its shape than shown ones, or none."""
    shapes = [shape.tobytes() for shape in np.packbits(regions, axis=2)]
    room = Counter(shapes[:shown])
    is_rare = np.ones(len(regions), dtype=bool)
    for number, shape in enumerate(shapes[shown:], start=shown):
        is_rare[number] = room[shape] > 0 or shape not in room
        room[shape] -= 1
    return is_rare


def _shapes(regions: NDArray[np.bool_]) -> Floats:
    """Area, length of the edge, middle, height, width, number of parts; 0 where nothing is lit.

    Args:
        regions: (n, side, side).

    Returns:
        (n, 7).
    """
    rows, columns = regions.sum(axis=2), regions.sum(axis=1)  # (n, side) lit pixels
    area = rows.sum(axis=1)
    across = (regions[:, 1:] != regions[:, :-1]).sum(axis=(1, 2))
    down = (regions[:, :, 1:] != regions[:, :, :-1]).sum(axis=(1, 2))
    middles = [lit @ np.arange(lit.shape[1]) / np.maximum(area, 1) for lit in (rows, columns)]
    sizes = [_length(rows > 0), _length(columns > 0)]
    share = area / regions[0].size
    numbers = [share, across + down, *middles, *sizes, part_counts(regions)]
    return np.where(area[:, None] > 0, np.column_stack(numbers), 0.0)


def _length(is_lit: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(n,): from the first lit place to the last one of each row of (n, places)."""
    return is_lit.shape[1] - 1 - is_lit[:, ::-1].argmax(axis=1) - is_lit.argmax(axis=1)


def _border(masks: NDArray[np.bool_]) -> Floats:
    """(regions, 1): the share of the picture's edges that each lights, all four of them 2."""
    across, down = masks[:, [0, -1]], masks[:, :, [0, -1]]
    return (across.mean(axis=(1, 2)) + down.mean(axis=(1, 2)))[:, None]


def _likeness(masks: NDArray[np.bool_], shown: int) -> Floats:
    """(regions, 2): the largest IoU with another, shown region, and how many of those are equal.

    A shown region has `shown` - 1 others, so each spare one is not compared with one of them.
    """
    flat = masks.reshape(len(masks), -1).astype(np.float32)
    areas = flat.sum(axis=1)
    intersection = flat @ flat[:shown].T
    union = areas[:, None] + areas[:shown] - intersection
    ratios = intersection / np.maximum(union, 1)
    numbers = np.arange(len(masks))
    ratios[numbers, numbers % shown] = 0
    return np.column_stack([ratios.max(axis=1, initial=0), (ratios == 1).sum(axis=1)]).astype(float)


def offered_regions(
    regions: Sequence[UnitRegions], order: NDArray[np.uint64], count: int, most: int
) -> NDArray[np.bool_]:
    """Which regions each of the `count` catch images of a unit may borrow.

    Each is offered as many of the spare regions as it may try. They are others for each, as far as
    there are enough of them.

    Args:
        order: (units, regions), random numbers.
        most: how many regions a catch image may try.

    Returns:
        (units, catch images, regions).
    """
    spare = np.array([unit.spare(count) for unit in regions])
    last = np.where(spare, order, np.iinfo(np.uint64).max)
    ranks = last.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    total = np.maximum(spare.sum(axis=1), 1)[:, None, None]
    first = np.arange(count)[:, None] * total // count
    return spare[:, None, :] & ((ranks[:, None, :] - first) % total < most)


def draw_lenders(
    offered: NDArray[np.bool_],
    cues: Sequence[Cue],
    points: NDArray[np.uint64],
    repetition: Repetition | None = None,
) -> Numbers:
    """Draw the regions that catch images borrow; taken over the layer, they are like shown ones.

    No two catch images of a unit borrow the same region, unless it has too few.

    Args:
        offered: (units, catch images, regions) which ones each may borrow.
        cues: what could tell which regions are lent, with a row for each catch image.
        points: (units,), random numbers.
        repetition: of the tiles that the regions cut, with such rows too; None where none is cut.

    Returns:
        (units, catch images): mask numbers, NONE where nothing is offered.
    """
    chances_of = partial(distinct, count=offered.shape[1])
    features = [quantile_feature(cue) for cue in cues]
    if repetition is not None:
        features.append(repetition.feature())
    raked = raking_chances(offered.reshape(-1, offered.shape[2]), features, chances_of)
    chances = balanced_chances(raked, cues, chances_of)
    if repetition is not None:
        for _ in range(BALANCE_ROUNDS - 1):
            chances = balanced_chances(raked, [*cues, repetition.cue(chances)], chances_of)
    lenders = np.full(offered.shape[:2], NONE)
    for unit, table in enumerate(chances.reshape(offered.shape)):
        lenders[unit] = _without_repeats(offered[unit], table, draw_cells(table, int(points[unit])))
    return lenders


def _without_repeats(offered: NDArray[np.bool_], chances: Floats, columns: Numbers) -> Numbers:
    """The drawn columns of a unit; instead of one that is drawn again, the likeliest free one."""
    columns = columns.copy()
    for row, column in enumerate(columns.tolist()):
        is_free = offered[row].copy()
        is_free[columns[columns != NONE]] = False
        if column != NONE and column in columns[:row] and is_free.any():
            columns[row] = np.where(is_free, chances[row], -1).argmax()
    return columns


def region_cues(regions: Sequence[UnitRegions]) -> list[Cue]:
    """The shapes of the regions that may be lent, (units, regions) each: of those shown, of all."""
    pages = [[*range(unit.shown), *range(unit.repeated)] for unit in regions]
    shown = np.array([unit.numbers[own] for unit, own in zip(regions, pages, strict=True)])
    offered = np.array([unit.numbers for unit in regions])
    return [Cue(shown[:, :, number], offered[:, :, number]) for number in range(shown.shape[2])]
