"""The answer list: what a form selects, and in what order."""

import pytest

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.review import quality_index
from annotator.crowd.review.answer_list import AnswerFilter, select
from annotator.crowd.review.decisions import approve
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Study, Unit
from tests.crowd.studies import published_study, workers

TOPS, CATCHES = {0, 1, 2, 3}, {4, 5}


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({}, AnswerFilter()),
        ({"status": "any", "signal": "catch"}, AnswerFilter(status="any", signal="catch")),
        ({"worker": " ana ", "order": "last"}, AnswerFilter(worker="ana", order="last")),
        ({"signal": "apart"}, AnswerFilter()),  # it uses what others answered
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
        # Cem's reason is that everything was marked, which uses precision: it selects nothing.
        (AnswerFilter(status="any", signal="any"), ["ben"]),
        (AnswerFilter(status="any", signal="catch"), ["ben"]),
        (AnswerFilter(status="any", order="reasons"), ["ben", "ana", "cem"]),
    ],
)
@pytest.mark.parametrize("max_computed", [500, 0])
def test_a_filter_selects_and_orders(study, wanted, names, max_computed, monkeypatch):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", max_computed)
    quality_index.store_quality(study)

    study = quality_index.with_size(Study.objects.all()).get()

    pks = select(study, quality_index.quality_index(study), wanted)

    keys = dict(Assignment.objects.values_list("pk", "worker__key"))
    assert [keys[pk] for pk in pks] == names
