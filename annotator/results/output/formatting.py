"""How numbers and groups are written, alike on pages, in tables, in files and in figures."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, gettext_noop

from annotator.models.answer import Group
from annotator.results.loading.people import OTHER, Counts
from annotator.results.report.reported_numbers.entries import Measure
from annotator.results.stats.groups import NO_MAJORITY
from annotator.results.stats.intervals import Interval

GROUP_NAMES: dict[int, str] = {group.value: group.label for group in Group}
BAR_NAMES = {**GROUP_NAMES, NO_MAJORITY: gettext_noop("No majority")}

MISSING = "–"
# Six digits are more than any number of answers supports, and alike on every machine.
STORED_DIGITS = 6
# The names of the columns of WorkerDetails on pages and in a paper.
DETAIL_NAMES = {
    "country": "Country of residence",
    "language": "Language",
    "age_band": "Age",
    "device": "Device",
}


def group_names() -> dict[int, str]:
    """Format the six groups as pages call them, by number; files have GROUP_NAMES."""
    return {group: gettext(name) for group, name in GROUP_NAMES.items()}


def bar_names() -> dict[int, str]:
    """The six groups and "no majority" as a page calls them, by number; figures have BAR_NAMES."""
    return {group: gettext(name) for group, name in BAR_NAMES.items()}


def rounded(value: float | None) -> float | None:
    """Format a number for JSON and tables: rounded to six digits; None for a missing one."""
    return None if value is None else round(value, STORED_DIGITS)


def decimal(value: float | None) -> str:
    """Format a precision with three decimals; a dash for a missing one.

    >>> decimal(0.71249)
    '0.712'
    """
    return MISSING if value is None else f"{value:z.3f}"


def interval(ends: Interval | None) -> str:
    """Format a 95 % interval, as in [0.690, 0.734]; empty for a missing one."""
    return f"[{ends.low:.3f}, {ends.high:.3f}]" if ends else ""


def percent_interval(ends: Interval | None) -> str:
    """Format the interval of a share, as in 3.8 to 13.9 %; empty for a missing one."""
    if not ends:
        return ""
    shares = {"low": f"{100 * ends.low:.1f}", "high": f"{100 * ends.high:.1f}"}
    return gettext("%(low)s to %(high)s %%") % shares


def p_value(p: float | None) -> str:
    """Format a p-value with three decimals, a small one with four; none reads 0.

    >>> p_value(0.00004), p_value(0.0004), p_value(0.25)
    ('< .0001', '0.0004', '0.250')
    """
    if p is None or p >= 0.001:
        return decimal(p)
    return "< .0001" if p < 0.0001 else f"{p:.4f}"


def percent(value: float | None) -> str:
    """Format a share as a percentage with one decimal; a dash for a missing one.

    >>> percent(0.2641)
    '26.4 %'
    """
    return MISSING if value is None else f"{100 * value:.1f} %"


def count(value: float) -> str:
    """Format a count with a thousands separator; a weight that is not whole gets one decimal.

    >>> count(4128), count(17.25)
    ('4,128', '17.2')
    """
    return f"{value:,.0f}" if round(value, 6) == round(value) else f"{value:,.1f}"


# How a page writes a number, by what it is measured in; all others have three decimals.
BY_MEASURE: dict[Measure, Callable[[Any], str]] = {
    "share": percent,
    "count": count,
    "p": p_value,
}


def written(value: float | None, measure: Measure) -> str:
    """Format a number of the registry as its kind is written: a share as a percentage.

    >>> written(0.7125, "share"), written(0.7125, "precision")
    ('71.2 %', '0.713')
    """
    return MISSING if value is None else BY_MEASURE.get(measure, decimal)(value)


def plural(number: int, noun: str) -> str:
    """Format a count with its noun in the singular or plural.

    >>> plural(1, "answer"), plural(2, "answer")
    ('1 answer', '2 answers')
    """
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def counts_in_words(counts: Counts) -> str:
    """Write how many people have each value, as in "Peru 6, other 5"."""
    if [value for value, _ in counts] == [OTHER]:
        return "groups are too small to show"
    return ", ".join(f"{value} {count(n)}" for value, n in counts)
