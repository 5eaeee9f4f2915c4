"""Student's t distribution: its quantiles for intervals, its upper tail for one-sided p-values."""

from functools import lru_cache

# scipy.special gives the same bits as scipy.stats, which takes a second to import (the first reader
# of a page would wait for it) and is 100 times as slow. It is imported where it is used, since most
# commands compute no interval.

LEAST_P = 1e-6  # no p is smaller: tables store six digits, and none of them may read 0


@lru_cache(maxsize=10_000)
def t_quantile(share: float, freedom: float) -> float:
    """The quantile of Student's t: the value below which a share of the distribution lies."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


def t_upper_tail(value: float, freedom: float) -> float:
    """The share of Student's t distribution above a value: a one-sided p, at least LEAST_P."""
    from scipy.special import stdtr

    return max(float(stdtr(freedom, -value)), LEAST_P)
