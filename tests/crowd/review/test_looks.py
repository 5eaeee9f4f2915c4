"""Looks: results opened before the planned answers are in are asked for, and logged."""

from datetime import timedelta

import pytest
from django.db.models import F

from annotator.crowd.audit import Actor
from annotator.crowd.review.looks import is_early, may_look, open_results, record_look
from annotator.crowd.scheduling.redundancy import raise_redundancy
from annotator.models import AuditRow, Hit, Place
from annotator.results.loading.preregistered_plans import Looks, load_looks
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

RITA, ROB = Actor("rita"), Actor("rob")


@pytest.fixture
def study():
    """One HIT with two places."""
    return published_study(places=2)


def answer(study, *names, kind="person"):
    for worker in workers(study, *names, kind=kind):
        answered(worker)


def test_results_are_early_from_the_first_answer_to_the_last_planned_one(study):
    assert not is_early(study)
    answer(study, "ana")
    assert is_early(study)
    answer(study, "ben")
    assert not is_early(study)


def test_simulated_answers_are_never_early(study):
    answer(study, "bot", kind="simulated")

    assert not is_early(study)


def test_a_withdrawn_hit_is_not_waited_for(study):
    answer(study, "ana")
    Hit.objects.update(status=Hit.Status.DISPOSED)

    assert not is_early(study)


def test_places_beyond_the_planned_answers_are_not_waited_for(study):
    answer(study, "ana", "ben")
    Place.objects.create(hit=Hit.objects.get(), number=3)

    assert not is_early(study)


def test_an_early_look_has_to_be_asked_for_and_lasts_an_hour(study):
    answer(study, "ana")

    assert not open_results(study, RITA, "report")
    record_look(study, RITA, "report")
    assert open_results(study, RITA, "report")
    assert not open_results(study, ROB, "report")
    AuditRow.objects.update(at=F("at") - timedelta(minutes=61))
    assert not may_look(study, RITA)
    assert load_looks(study) == Looks(early=1)


def test_the_first_sight_of_complete_results_is_logged_once_and_is_no_early_look(study):
    answer(study, "ana", "ben")

    assert open_results(study, RITA, "report")
    assert open_results(study, ROB, "report")

    assert AuditRow.objects.filter(action="look").count() == 1
    assert load_looks(study) == Looks()


def test_more_answers_after_a_look_are_an_extension_and_the_first_plan_is_kept(study):
    answer(study, "ana")
    record_look(study, RITA, "report")
    raise_redundancy(study, 3, RITA)
    record_look(study, RITA, "agreement")
    raise_redundancy(study, 5, RITA)

    assert load_looks(study) == Looks(early=2, extensions=2, first_planned=2)


def test_more_answers_before_any_look_are_a_plan(study):
    answer(study, "ana")
    raise_redundancy(study, 3, RITA)

    assert load_looks(study) == Looks()


def test_more_answers_after_complete_results_are_an_extension(study):
    answer(study, "ana", "ben")
    open_results(study, RITA, "report")
    raise_redundancy(study, 3, RITA)

    assert load_looks(study) == Looks(extensions=1, first_planned=2)
