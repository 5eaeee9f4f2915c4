"""docs/scale.md: every figure of its plans follows from the numbers beside it."""

import re

import pytest

from tests.docs.written_commands import ROOT

PAGE = (ROOT / "docs" / "scale.md").read_text().partition("## Planning beyond")[2]
PLANS = PAGE.partition("\n## ")[0]
NUMBERS = {
    name: float(value)
    for name, value in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", PLANS, re.MULTILINE)
}
FIGURES = re.findall(r"^\| (.*?) ?\| (.+?) \| `(.+?)` \| ([\d.,]+) \|$", PLANS, re.MULTILINE)


def digits(text):
    """The number, and half a unit of the last digit that is written."""
    decimals = len(text.partition(".")[2])
    return float(text.replace(",", "")), 0.5 * 10**-decimals


def test_there_are_three_plans_with_hours_storage_and_money():
    assert sum(bool(plan.strip("| ")) for plan, *_ in FIGURES) == 3
    for figure in ("hours of one core", "GB stored, at most", "dollars for computing"):
        assert sum(name == figure for _, name, *_ in FIGURES) == 3
    assert {"decode", "vit_l", "masks", "hourly"} <= NUMBERS.keys()


@pytest.mark.parametrize(("plan", "figure", "formula", "written"), FIGURES)
def test_each_figure_is_what_its_formula_gives(plan, figure, formula, written):
    assert re.fullmatch(r"[\w\s.+\-*/(),]+", formula)

    result = eval(formula, {"__builtins__": {}, "min": min}, dict(NUMBERS))

    value, precision = digits(written)
    assert result == pytest.approx(value, abs=precision * 1.001)
