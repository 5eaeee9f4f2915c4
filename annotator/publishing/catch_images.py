"""Which low images of a layer's units become their catch images.

They are drawn by a keyed hash of study, unit and image, with weights. The weights make catch
images, taken over the layer, as frequent in the HITs of the study as the top images that they are
mixed with, as large in bytes, and as much enlarged, so none of these gives them away.

The weights are found by raking, or iterative proportional fitting (Deming and Stephan 1940,
doi:10.1214/aoms/1177731829).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.keyed_random import keyed_number

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Bins = NDArray[np.intp]
#: From inclusion probabilities (units, candidates) to the bins of the units' shown images,
#: (units, shown), and of their candidates, (units, candidates).
Feature = Callable[[Floats], tuple[Bins, Bins]]

NONE = -1  # pads rows: no image
BIN_COUNT = 6  # of a unit's shown images, from the lowest values to the highest
RAKING_ROUNDS = 24
MIN_WEIGHT = 1e-4  # of a unit's largest weight: no candidate is ruled out
MAX_CHANGE = 2.0  # of a weight in one round
NEWTON_STEPS = 12


@dataclass(frozen=True)
class Cue:
    """A number of each picture that must not tell catch images, such as the size of its file.

    Attributes:
        shown: (units, top images). offered: (units, candidates), NaN where there is none.
    """

    shown: Floats
    offered: Floats


@dataclass(frozen=True)
class CatchCandidates:
    """What a layer's catch images are drawn from; images are numbered from 0.

    Attributes:
        unit_ids: (units,) unique in the study.
        shown: (units, top images).
        candidates: (units, candidates), none of them shown; NONE pads units with fewer.
        hit_counts: (images,) in how many HITs of the study each is shown, catch images left out.
        cues: what catch images shall be like the shown ones in, besides how often they are shown.
    """

    unit_ids: Numbers
    shown: Numbers
    candidates: Numbers
    hit_counts: Floats
    cues: tuple[Cue, ...]


def draw_catch_images(pool: CatchCandidates, key: str, count: int) -> list[list[int]]:
    """Draw the catch images of each unit of a layer, as columns of `candidates`.

    A unit that has fewer candidates gets fewer.
    The draw is by exponential arrival times whose rates are the weights, the first `count` of
    each unit (Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003).

    Args:
        key: the study's secret. The same key draws the same images.
        count: catch images of a unit.
    """
    features = [*map(_feature, pool.cues), _repetition_feature(pool)]
    weights = raking_weights(count, pool.candidates != NONE, features)
    columns = []
    for unit, images, own_weights in zip(pool.unit_ids, pool.candidates, weights, strict=True):
        usable = np.flatnonzero(own_weights).tolist()
        bits = {column: keyed_number(key, "catch", unit, images[column]) for column in usable}
        arrival = {column: _arrival_time(bits[column], own_weights[column]) for column in usable}
        columns.append(sorted(usable, key=arrival.__getitem__)[:count])
    return columns


def _arrival_time(bits: int, rate: float) -> float:
    """An exponential variate of this rate, made from 64 random bits."""
    return -math.log((bits + 0.5) / 2**64) / rate


def _feature(cue: Cue) -> Feature:
    bins = quantile_bins(cue.shown, cue.shown), quantile_bins(cue.shown, cue.offered)
    return lambda probabilities: bins


def _repetition_feature(pool: CatchCandidates) -> Feature:
    """In how many HITs an image is shown, including the expected number as a catch image."""
    is_image = pool.candidates != NONE

    def feature(probabilities: Floats) -> tuple[Bins, Bins]:
        expected = np.where(is_image, probabilities, 0).ravel()
        images = np.where(is_image, pool.candidates, 0)
        counts = pool.hit_counts + np.bincount(
            images.ravel(), expected, minlength=len(pool.hit_counts)
        )
        shown = np.rint(counts[pool.shown])
        # In the HIT that shows it as a catch image it counts as 1, not as its probability.
        offered = np.where(is_image, np.rint(counts[images] + 1 - probabilities), np.nan)
        return quantile_bins(shown, shown), quantile_bins(shown, offered)

    return feature


def raking_weights(count: int, usable: NDArray[np.bool_], features: Sequence[Feature]) -> Floats:
    """Weights for drawing catch images that are distributed like the images that units show.

    Taken over all units, each bin of a feature gets the same share of the drawn candidates as of
    the shown images, as nearly as the candidates allow.

    Args:
        count: candidates to draw for each unit.
        usable: (units, candidates) which of them may be drawn.

    Returns:
        (units, candidates): from MIN_WEIGHT to 1, and 0 where a candidate is not usable.
    """
    weights = usable.astype(float)
    for _ in range(RAKING_ROUNDS):
        for feature in features:
            probabilities = inclusion_probabilities(weights, count)
            weights = weights * _correction(*feature(probabilities), probabilities)
            largest = weights.max(axis=1, keepdims=True, initial=MIN_WEIGHT)
            weights = np.where(usable, np.maximum(weights / largest, MIN_WEIGHT), 0)
    return weights


def inclusion_probabilities(weights: Floats, count: int) -> Floats:
    """How probable each candidate is to be among the `count` catch images, (units, candidates).

    With exponential arrival times that is about 1 - exp(-weight * t), where t makes the
    probabilities of a unit add up to `count`.
    """
    total = weights.sum(axis=1, keepdims=True)
    t = count / np.maximum(total, MIN_WEIGHT)
    for _ in range(NEWTON_STEPS):  # from below on a concave function, so it never overshoots
        slope = (weights * np.exp(-weights * t)).sum(axis=1, keepdims=True)
        missing = count - (1 - np.exp(-weights * t)).sum(axis=1, keepdims=True)
        t = np.minimum(t + missing / np.maximum(slope, 1e-12), 1e9)
    return 1 - np.exp(-weights * t)


def quantile_bins(shown: Floats, values: Floats) -> Bins:
    """The quantile bin of its unit's shown images that each value of a catch candidate is in.

    Tied values share the middle of the bins that they span.

    Args:
        shown: (units, shown), NaN where there is no image.
        values: (units, n), NaN likewise.

    Returns:
        (units, n): from 0 to BIN_COUNT - 1, and BIN_COUNT where there is no image.
    """
    bins = np.full(values.shape, BIN_COUNT, dtype=np.intp)
    for unit, (row, own) in enumerate(zip(np.sort(shown, axis=1), values, strict=True)):
        row = row[~np.isnan(row)]
        if len(row):
            below, up_to = (np.searchsorted(row, own, side) for side in ("left", "right"))
            middle = (below + up_to) * BIN_COUNT // (2 * len(row))
            bins[unit] = np.where(np.isnan(own), BIN_COUNT, np.minimum(middle, BIN_COUNT - 1))
    return bins


def _correction(shown: Bins, offered: Bins, probabilities: Floats) -> Floats:
    """The factor by which each candidate should be drawn more often, (units, candidates)."""
    target = np.bincount(shown.ravel(), minlength=BIN_COUNT + 1)[:BIN_COUNT]
    expected = np.bincount(offered.ravel(), probabilities.ravel(), minlength=BIN_COUNT + 1)
    expected = expected[:BIN_COUNT]
    if not target.sum() or not expected.sum():
        return np.ones_like(probabilities)
    change = (target / target.sum()) / np.maximum(expected / expected.sum(), 1e-9)
    change = np.clip(change, 1 / MAX_CHANGE, MAX_CHANGE)
    return np.append(change, 1.0)[offered]
