"""Numbers and intervals as JSON has them: six digits, and null for what does not exist."""

from annotator.results.stats.intervals import Interval

# Six digits are more than any number of answers supports, and the same on every machine.
DIGITS = 6


def interval(found: Interval | None) -> dict[str, float | bool | None] | None:
    """A 95 % interval, or null."""
    if found is None:
        return None
    return {
        "low": number(found.low),
        "high": number(found.high),
        "is_reliable": found.is_reliable,
    }


def number(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
