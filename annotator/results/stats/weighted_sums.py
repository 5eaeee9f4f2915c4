"""Sums and quotients over answers, for many draws of weights at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ZERO_TOLERANCE = 1e-9  # a denominator that differs from 0 by rounding alone counts as 0


def summed(at: NDArray[np.int64], weights: Floats, size: int) -> Floats:
    """Sum weights by the place of each answer, for many draws of weights at once.

    Args:
        at: (answers,) places from 0 to size - 1.
        weights: (draws, answers).

    Returns:
        (draws, size).
    """
    draws = len(weights)
    places = (at + size * np.arange(draws)[:, None]).ravel()  # (draws x answers,) one run a draw
    sums: Floats = np.bincount(places, weights.ravel(), minlength=draws * size).astype(float)
    return sums.reshape(draws, size)


def divided(above: Floats, below: Floats, nothing: float = 0.0) -> Floats:
    """Divide sums by element, with `nothing` where the denominator is 0."""
    above, below = np.broadcast_arrays(above, below)
    out = np.full(above.shape, nothing, dtype=float)
    np.divide(above, below, out=out, where=below > ZERO_TOLERANCE)
    return out


def mean_of(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    """The mean of the kept values along the last axis, for many draws; nan where none is kept."""
    count = kept.sum(axis=-1).astype(float)
    return divided((values * kept).sum(axis=-1), count, nothing=np.nan)
