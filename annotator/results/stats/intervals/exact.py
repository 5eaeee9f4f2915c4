"""Intervals as such, and binomial ones, also of workers who all say the same."""

from dataclasses import dataclass

LEVEL = 0.95
MIN_RELIABLE_WORKERS = 10  # with fewer, an interval is shown but marked unreliable
MIN_RELIABLE_ALIKE = 30  # the same, where every worker says 0, or every one 1


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval. `is_reliable`: it rests on at least MIN_RELIABLE_WORKERS workers."""

    low: float
    high: float
    is_reliable: bool = True


def clopper_pearson(hits: float, total: float) -> tuple[float, float]:
    """The exact binomial interval of a share, (low, high): hits out of a total above 0.

    >>> [round(end, 3) for end in clopper_pearson(0, 30)]
    [0.0, 0.116]

    Args:
        hits, total: need not be whole, as with an effective number of units.
    """
    return _between(hits, total, (0, 1))


def jeffreys(hits: float, total: float) -> tuple[float, float]:
    """Jeffreys' binomial interval of a share, (low, high): hits out of a total above 0.

    The exact interval covers more than 95 % where hits are few, this one about 95 % in the mean
    (Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286).

    >>> [round(end, 3) for end in jeffreys(0, 30)]
    [0.0, 0.08]

    Args:
        hits, total: need not be whole, as with an effective number of units.
    """
    return _between(hits, total, (0.5, 0.5))


def _between(hits: float, total: float, more: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of two beta distributions, but 0 without hits and 1 without misses.

    Args:
        more: added to the hits and misses of the lower end, and to the misses and hits of the
            upper one.
    """
    from scipy.special import betaincinv  # as in `student_t`

    tail, misses = (1 - LEVEL) / 2, total - hits
    few, many = more
    low = float(betaincinv(hits + few, misses + many, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + many, misses + few, 1 - tail)) if misses > 0 else 1.0
    return low, high


def interval_of_alike(value: float, workers: int) -> Interval:
    """The exact interval where every answer of some workers is 0, or every one 1.

    Nothing differs between them, so they are counted: by 12 workers who all say 0, a kind of worker
    who says otherwise may be up to 26 % of all (Clopper and Pearson 1934).
    """
    low, high = clopper_pearson(value * workers, workers)
    return Interval(low, high, workers >= MIN_RELIABLE_ALIKE)
