"""Sums over answers, for many weights of the answers at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ZERO_TOLERANCE = 1e-9  # what rounding may leave of a zero


def summed(at: NDArray[np.int64], weights: Floats, size: int) -> Floats:
    """(draws, size), the weights (draws, answers) summed by where each answer stands."""
    draws = len(weights)
    places = (at + size * np.arange(draws)[:, None]).ravel()
    found: Floats = np.bincount(places, weights.ravel(), minlength=draws * size).astype(float)
    return found.reshape(draws, size)


def divided(above: Floats, below: Floats, nothing: float = 0.0) -> Floats:
    """above / below, and `nothing` where below is none."""
    above, below = np.broadcast_arrays(above, below)
    out = np.full(above.shape, nothing, dtype=float)
    np.divide(above, below, out=out, where=below > ZERO_TOLERANCE)
    return out


def mean_of(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    """The mean along the last axis of what is kept; nan of nothing."""
    count = kept.sum(axis=-1).astype(float)
    return divided((values * kept).sum(axis=-1), count, nothing=np.nan)
