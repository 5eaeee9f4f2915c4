"""Several reviewers, workers and requesters at the same moment."""

import pytest

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND, Actor
from annotator.crowd.review import decisions as reviewing
from annotator.crowd.scheduling import leases, redundancy
from annotator.models import Assignment, AuditRow, Place, Study
from tests.crowd.concurrency import run_at_once
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def accepted(study, count):
    hit = the_hit(study)
    return [leases.accept(each, hit) for each in workers(study, *map(str, range(count)))]


def test_last_answers_without_a_majority_add_one_place_not_one_each():
    study = published_study(places=6, adaptive_most=9)
    assignments = accepted(study, 6)

    run_at_once(
        *(
            lambda each=each, group=group: submit(each, AnswerForm("thing", group, frozenset()))
            for group, each in enumerate(assignments, start=1)
        )
    )

    assert Place.objects.count() == 7


def test_of_decisions_at_once_each_is_on_record_and_follows_the_one_before():
    study = published_study(places=1)
    (assignment,) = accepted(study, 1)
    submit(assignment, AnswerForm("thing", 3, frozenset()))
    decisions = [reviewing.approve, reviewing.soft_reject, reviewing.reject] * 2

    run_at_once(
        *(
            lambda decide=decide, n=n: decide(assignment, Actor(f"reviewer {n}"), f"Reason {n}.")
            for n, decide in enumerate(decisions)
        )
    )

    rows = [row.detail["status"] for row in AuditRow.objects.order_by("pk")]
    assert len(rows) == 6
    assert [before for before, _ in rows] == ["submitted", *(after for _, after in rows[:-1])]
    assert Assignment.objects.get().status == rows[-1][1]


def test_redundancy_is_raised_once_however_many_ask_while_others_accept_and_ask_again():
    study = published_study(places=2)
    hit = the_hit(study)
    ana, ben = workers(study, "ana", "ben")

    run_at_once(
        lambda: redundancy.raise_redundancy(study, 5, COMMAND),
        lambda: redundancy.raise_redundancy(study, 5, COMMAND),
        lambda: leases.accept(ana, hit),
        lambda: leases.accept(ben, hit),
        lambda: redundancy.set_adaptive(study, 9, COMMAND),
    )

    numbers = Place.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]
    assert Study.objects.get().assignments_wanted == 5
