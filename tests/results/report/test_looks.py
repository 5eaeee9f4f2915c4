"""Looks in a report: how many there were, and numbers of the first planned answers."""

import pytest

from annotator.crowd.audit import COMMAND
from annotator.crowd.review.looks import record_look
from annotator.crowd.scheduling.redundancy import raise_redundancy
from annotator.results.loading.preregistered_plans import Looks
from annotator.results.report.report import report_of
from tests.results.studies import answered_study, finish, get_unit, store_answer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("has_looked", [True, False])
def test_after_a_look_headlines_stay_at_the_first_planned_answers(client, has_looked):
    study = answered_study()
    if has_looked:
        record_look(study, COMMAND, "report")
    raise_redundancy(study, 4, COMMAND)
    study.refresh_from_db()
    store_answer(study, get_unit(study), "dora", "dog", group=5)
    finish(study)

    report = report_of(study)

    assert report.answer_count == (4 if has_looked else 5)
    assert report.looks == (Looks(1, 1, first_planned=3) if has_looked else Looks())
    page = client.get("/results/rooms/").content.decode()
    assert ("1 look, 1 extension" in page) == has_looked
