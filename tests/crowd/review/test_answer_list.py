"""The answer list: what a form selects, and in what order."""

import pytest

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.review.answer_list import AnswerFilter, AnswerList
from annotator.crowd.review.decisions import approve
from annotator.crowd.scheduling import leases
from annotator.models import Unit
from tests.crowd.studies import published_study, workers

TOPS, CATCHES = {0, 1, 2, 3}, {4, 5}


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({}, AnswerFilter()),
        ({"status": "any", "signal": "catch"}, AnswerFilter(status="any", signal="catch")),
        ({"worker": " ana ", "order": "last"}, AnswerFilter(worker="ana", order="last")),
        ({"status": "lost", "signal": "mood", "order": "random"}, AnswerFilter()),
    ],
)
def test_values_that_do_not_exist_become_the_default(form, wanted):
    assert AnswerFilter.of(form) == wanted


@pytest.fixture
def study(db):
    """Ana marks both catch images, Ben none of them and Cem everything."""
    study = published_study()
    hit = Unit.objects.get().hit
    marked = {"ana": CATCHES, "ben": set(), "cem": TOPS | CATCHES}
    for worker in workers(study, *marked):
        assignment = leases.accept(worker, hit)
        submit(assignment, AnswerForm("thing", 5, frozenset(marked[worker.key])))
        if worker.key == "ana":
            approve(assignment, COMMAND)
    return study


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (AnswerFilter(), ["ben", "cem"]),
        (AnswerFilter(status="any"), ["ana", "ben", "cem"]),
        (AnswerFilter(status="any", order="last"), ["cem", "ben", "ana"]),
        (AnswerFilter(status="any", worker="ana"), ["ana"]),
        (AnswerFilter(status="any", signal="any"), ["ben", "cem"]),
        (AnswerFilter(status="any", signal="catch"), ["ben"]),
        (AnswerFilter(status="any", order="reasons"), ["ben", "cem", "ana"]),
    ],
)
def test_a_filter_selects_and_orders(study, wanted, names):
    answers = AnswerList(study, wanted)

    assert [answers.rows[pk].worker for pk in answers.keys] == names
