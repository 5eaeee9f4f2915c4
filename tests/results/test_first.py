"""The first k answers of each unit."""

from datetime import UTC, datetime, timedelta

from annotator.models import Study
from annotator.results.first import first_answers, headline_count
from tests.results.rows import answer

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def given(number, unit, minute):
    return answer(unit, answer=number, given_at=NOON + timedelta(minutes=minute))


def test_each_unit_keeps_the_answers_that_came_first_in_the_order_in_which_all_are():
    rows = [given(1, 7, 30), given(2, 7, 10), given(3, 8, 40), given(4, 7, 10), given(5, 7, 50)]

    assert [row.answer for row in first_answers(rows, 2)] == [2, 3, 4]
    assert first_answers(rows, None) == rows


def test_headline_numbers_use_all_answers_unless_redundancy_adapts():
    assert headline_count(Study(assignments_wanted=3)) is None
    assert headline_count(Study(assignments_wanted=3, adaptive_most=5)) == 3
