"""Student's t: what every interval and p-value over workers asks of it.

From scipy.special, to the last bit what scipy.stats says: that takes a second to import, which
the first reader of a page would wait for, and a hundred times as long to answer.
"""

from functools import lru_cache

from scipy.special import stdtr, stdtrit


@lru_cache(maxsize=10_000)
def quantile(share: float, freedom: float) -> float:
    """The value that a share of the distribution is below."""
    return float(stdtrit(freedom, share))


def above(value: float, freedom: float) -> float:
    """The share of the distribution that is above a value: a one-sided p."""
    return float(stdtr(freedom, -value))
