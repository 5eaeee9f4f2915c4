"""Openings: after a reviewer has opened the words of a HIT, their decisions are not blind."""

import pytest

from annotator.crowd.audit import Actor
from annotator.crowd.review import decisions
from annotator.crowd.review.looks import open_words
from annotator.models import AuditRow
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MIA, REX = Actor("mia"), Actor("rex")


@pytest.fixture
def answers():
    """Ana's and Ben's answers to one HIT."""
    return [answered(worker) for worker in workers(published_study(places=2), "ana", "ben")]


def flags(answers):
    for each in answers:
        each.refresh_from_db()
    return [each.decided_opened for each in answers]


def test_an_opening_is_logged_once_a_reviewer(answers):
    assert open_words(answers[0], MIA)
    assert not open_words(answers[0], MIA)
    assert not open_words(answers[1], MIA)  # the words of a HIT are open together
    assert open_words(answers[0], REX)

    rows = AuditRow.objects.filter(action="open answer")
    assert sorted(rows.values_list("actor_name", flat=True)) == ["mia", "rex"]


def test_a_decision_after_an_opening_is_not_blind_for_who_opened_alone(answers):
    open_words(answers[0], MIA)

    decisions.soft_reject(answers[0], MIA)
    decisions.soft_reject(answers[1], REX)

    assert flags(answers) == [True, False]
    logged = AuditRow.objects.filter(action="soft-rejected").order_by("assignment")
    assert [row.detail.get("blind") for row in logged] == [False, None]


def test_the_other_answers_to_an_opened_hit_are_open_too(answers):
    open_words(answers[0], MIA)

    decisions.reject(answers[1], MIA, "No catch image was marked.")

    assert flags(answers) == [False, True]


def test_the_last_decision_says_whether_it_was_blind(answers):
    open_words(answers[0], MIA)
    decisions.soft_reject(answers[0], MIA)

    decisions.reject(answers[0], REX, "No catch image was marked.")

    assert flags(answers) == [False, False]


def test_excluding_a_worker_whose_words_were_opened_is_not_blind(answers):
    ana, ben = (answer.worker for answer in answers)
    open_words(answers[0], MIA)

    decisions.exclude(ana, "rule 1", MIA)
    decisions.exclude(ben, "rule 1", REX)

    ana.refresh_from_db()
    ben.refresh_from_db()
    assert (ana.excluded_opened, ben.excluded_opened) == (True, False)
    decisions.include(ana, MIA)
    ana.refresh_from_db()
    assert not ana.excluded_opened
