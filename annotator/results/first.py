"""The first k answers of each unit, of which headline numbers are made where redundancy adapts.

Units that workers disagree about get more answers then, and a mean over whatever came would
depend on when each unit stopped; the first k came whatever was said.
"""

from collections import Counter
from collections.abc import Iterable

from annotator.models import Study
from annotator.results.answers import AnswerRow, UnitName


def first_answers(counted: Iterable[AnswerRow], most: int | None) -> list[AnswerRow]:
    """The earliest answers of each unit, in the order in which all are.

    Args:
        counted: answers that count, so that one that a reviewer excluded makes room for the next.
        most: a unit; None takes all. `headline_count` says how many a study's is.
    """
    rows = list(counted)
    if most is None:
        return rows
    of_unit: Counter[UnitName] = Counter()
    first = set()
    for row in sorted(rows, key=_moment):
        of_unit[row.name] += 1
        if of_unit[row.name] <= most:
            first.add(row.answer)
    return [row for row in rows if row.answer in first]


def _moment(row: AnswerRow) -> tuple[float, int]:
    return (row.given_at.timestamp() if row.given_at else 0.0, row.answer)


def headline_count(study: Study) -> int | None:
    """How many answers of a unit headline numbers are made of; None: of all."""
    return study.assignments_wanted if study.adaptive_most is not None else None
