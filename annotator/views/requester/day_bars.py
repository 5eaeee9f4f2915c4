"""The answers of the last days as bars, drawn as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from annotator.crowd.watch.counts import DayCount

WIDTH, HEIGHT = 420, 90  # of the drawing, in its own units
MIN_HEIGHT = 2.0  # of a day with answers: one is seen beside a thousand


@dataclass(frozen=True)
class DayBar:
    """The bar of one day; its height is 0 without answers. is_labelled: the date stands below."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float
    is_labelled: bool

    @property
    def label_x(self) -> float:
        """Where the label of the day ends: the last one ends with the drawing."""
        return round(self.x + self.width, 2)


def day_bars(days: Sequence[DayCount]) -> list[DayBar]:
    """A bar for each day, the highest as high as the drawing; every third one has its date.

    >>> bars = day_bars([DayCount(date(2026, 5, 1), 2), DayCount(date(2026, 5, 2), 4)])
    >>> [(bar.height, bar.is_labelled) for bar in bars]
    [(45.0, False), (90.0, True)]
    """
    highest, step = max((day.count for day in days), default=0), WIDTH / max(len(days), 1)
    bars = []
    for number, day in enumerate(days):
        height = max(HEIGHT * day.count / highest, MIN_HEIGHT) if day.count else 0.0
        bars.append(
            DayBar(
                day=day.day,
                count=day.count,
                x=round(number * step + 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(step - 4, 2),
                height=round(height, 2),
                is_labelled=(len(days) - 1 - number) % 3 == 0,
            )
        )
    return bars
