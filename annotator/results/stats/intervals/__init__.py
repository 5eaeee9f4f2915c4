"""How sure a number is: 95 % intervals over workers, never over images.

The top images of a unit are its whole population; what differs is who looked at them. Three answers
separate layers, not units: the interval of a unit with three answers is wide. docs/results.md
reports how often each interval covers the truth of simulated studies.

No interval has a width of 0. Workers who agree to the last picture may have agreed by luck, so no
variance is below that of judging pictures at random, and where all say 0, or all 1, the workers
themselves are counted.
"""

from annotator.results.stats.intervals.exact import (
    LEVEL,
    MIN_RELIABLE_ALIKE,
    MIN_RELIABLE_WORKERS,
    Interval,
)
from annotator.results.stats.intervals.means import (
    difference_interval,
    layer_interval,
    mean_difference_interval,
    mean_interval,
)
from annotator.results.stats.intervals.two_way import (
    interval_over_units,
    mean_interval_over_units,
    share_interval,
)
from annotator.results.stats.intervals.units import unit_interval
from annotator.results.stats.intervals.worker_variance import (
    PooledDeviation,
    pooled,
    pooled_deviation,
)

__all__ = [
    "LEVEL",
    "MIN_RELIABLE_ALIKE",
    "MIN_RELIABLE_WORKERS",
    "Interval",
    "PooledDeviation",
    "difference_interval",
    "interval_over_units",
    "mean_interval_over_units",
    "layer_interval",
    "mean_difference_interval",
    "mean_interval",
    "pooled",
    "pooled_deviation",
    "share_interval",
    "unit_interval",
]
