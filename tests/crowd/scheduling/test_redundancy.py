"""Adaptive redundancy: off by default; looks at the group's majority alone."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.review.decisions import soft_reject
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.redundancy import wants_more
from annotator.models import Hit
from tests.crowd.studies import published_study, the_hit, workers


@pytest.mark.parametrize(
    ("groups", "wants"),
    [
        ([1, 1, 2], False),
        ([1, 2, 3], True),
        ([1, 1, 2, 2], True),
        ([1, 1, 1, 2, 2], False),
        ([None, None, None], True),
        ([None, 1, 1], False),
        ([None, 1], True),
        ([1], False),
        ([], True),
    ],
)
def test_a_unit_wants_more_while_no_group_has_more_than_half(groups, wants):
    assert wants_more(groups, places=3, most=5) == wants
    assert not wants_more(groups, places=5, most=5)
    assert not wants_more(groups, places=3, most=None)


def answers(study, *groups, marked=()):
    hit = the_hit(study)
    names = [f"{study.name} {hit.assignments.count() + n}" for n in range(len(groups))]
    assignments = []
    for group, worker in zip(groups, workers(study, *names), strict=True):
        assignments.append(leases.accept(worker, hit))
        submit(assignments[-1], AnswerForm("thing", group, frozenset(marked)))
    return assignments


@pytest.mark.django_db
@pytest.mark.both_databases
def test_places_are_added_one_by_one_up_to_the_setting_and_no_further():
    study = published_study(adaptive_most=5)
    hit = the_hit(study)

    places = []
    for group in (1, 2, 3, 4, 5):
        answers(study, group)
        places.append(hit.places.count())

    assert places == [3, 3, 4, 5, 5]
    hit.refresh_from_db()
    assert hit.status == Hit.Status.REVIEWABLE


@pytest.mark.django_db
def test_a_majority_or_no_setting_adds_none():
    settled, off = published_study("settled", adaptive_most=9), published_study("off")

    answers(settled, 1, 1, 2)
    answers(off, 1, 2, 3)

    assert the_hit(settled).places.count() == the_hit(off).places.count() == 3


@pytest.mark.django_db
def test_precision_plays_no_part():
    precise, not_so = published_study("a", adaptive_most=4), published_study("b", adaptive_most=4)

    answers(precise, 1, 2, 3)
    answers(not_so, 1, 2, 3, marked=[0, 1, 2, 3])

    assert the_hit(precise).places.count() == the_hit(not_so).places.count() == 4


@pytest.mark.django_db
def test_a_decision_opens_no_place():
    study = published_study(adaptive_most=5)
    first, *_ = answers(study, 1, 1, 2)

    soft_reject(first, COMMAND)

    assert the_hit(study).places.count() == 3


@pytest.mark.django_db
def test_a_late_answer_whose_place_is_taken_has_no_vote():
    study = published_study(places=1, adaptive_most=2)
    hit = the_hit(study)
    late, quick = workers(study, "late", "quick")
    lapsed = leases.accept(late, hit)
    hit.places.update(leased_until=Now() - timedelta(seconds=1))
    taken = leases.accept(quick, hit)

    assert submit(lapsed, AnswerForm("thing", 1, frozenset())).is_surplus
    submit(taken, AnswerForm("thing", 2, frozenset()))

    assert hit.places.count() == 1
