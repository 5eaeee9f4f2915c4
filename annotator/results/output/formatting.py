"""How numbers and groups are written, the same on pages, in tables and in figures."""

from annotator.models.answer import Group
from annotator.results.stats.groups import NO_MAJORITY
from annotator.results.stats.intervals import Interval

GROUP_NAMES: dict[int, str] = {group.value: group.label for group in Group}
BAR_NAMES = {**GROUP_NAMES, NO_MAJORITY: "No majority"}

NONE = "–"


def decimal(value: float | None) -> str:
    """A precision with three decimals: 0.712; a dash for none."""
    return NONE if value is None else f"{value:z.3f}"


def interval(found: Interval | None) -> str:
    """A 95 % interval: [0.690, 0.734]; nothing for none."""
    return f"[{found.low:.3f}, {found.high:.3f}]" if found else ""


def percent(value: float | None) -> str:
    """A share with one decimal: 26.4 %; a dash for none."""
    return NONE if value is None else f"{100 * value:.1f} %"


def count(value: float) -> str:
    """A count with its thousands set apart: 4,128; a weight that is not whole with one decimal."""
    return f"{value:,.0f}" if round(value, 6) == round(value) else f"{value:,.1f}"
