"""The scores of a unit's top images as a histogram, drawn as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

BINS = 20
WIDTH, HEIGHT = 400, 80  # of the drawing, in its own units


@dataclass(frozen=True)
class Bar:
    """One bin of the histogram: images with a score from `low` up to `high`."""

    low: float
    high: float
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class ScoreHistogram:
    """The scores of a unit's top images.

    Attributes:
        low, high: the ends of the axis: 0, or less if a score is below; the highest score.
        lowest: of the top images' scores.
        quantile_x: where the unit's 0.995 activation quantile stands; None if it is off the axis.
    """

    bars: tuple[Bar, ...]
    low: float
    high: float
    lowest: float
    count: int
    quantile_x: float | None


def score_histogram(
    scores: Sequence[float], quantile: float, bins: int = BINS
) -> ScoreHistogram | None:
    """Count scores in bins of equal width between 0 (or the lowest score) and the highest.

    The highest score belongs to the last bin. None where there is nothing to draw: no score, or
    no score but 0.

    Args:
        quantile: of the unit's activations, marked on the axis.

    >>> [bar.count for bar in score_histogram([1.0, 3.0, 4.0], 2.0, bins=4).bars]
    [0, 1, 0, 2]
    """
    if not scores or not max(scores) > min(0.0, *scores):
        return None
    low, high = min(0.0, *scores), max(scores)
    counts = [0] * bins
    for score in scores:
        counts[min(floor(bins * (score - low) / (high - low)), bins - 1)] += 1
    share = (quantile - low) / (high - low)
    return ScoreHistogram(
        bars=_bars(counts, low, (high - low) / bins),
        low=low,
        high=high,
        lowest=min(scores),
        count=len(scores),
        quantile_x=round(WIDTH * share, 2) if low <= quantile <= high else None,
    )


def _bars(counts: Sequence[int], low: float, step: float) -> tuple[Bar, ...]:
    """A bar for each bin of width `step`; the highest bar fills the height."""
    bins, tallest = len(counts), max(counts)
    return tuple(
        Bar(
            low=low + number * step,
            high=low + (number + 1) * step,
            count=count,
            x=round(number * WIDTH / bins + 1, 2),
            y=round(HEIGHT * (1 - count / tallest), 2),
            width=round(WIDTH / bins - 2, 2),
            height=round(HEIGHT * count / tallest, 2),
        )
        for number, count in enumerate(counts)
    )
