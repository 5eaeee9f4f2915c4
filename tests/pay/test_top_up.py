"""Everybody gets at least the minimum hourly rate over their own active time, once."""

from datetime import timedelta
from math import ceil

import pytest

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.review.bonuses import give_bonus
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Hit, KnownAnswer, LedgerEntry, Study, Trace
from annotator.pay.ledger import Kind, owe
from annotator.pay.top_up import owe_shortfalls, shortfall
from tests.crowd.concurrency import run_at_once
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    """Sets pay 80 cents; the minimum is 12.00 an hour, so 4 minutes are enough."""
    return published_study(layers=(("n", "l", 8),), places=9, worker_share=1, min_hourly_cents=1200)


@pytest.fixture
def ana(study):
    return workers(study, "ana")[0]


def worked(worker, minutes, active_minutes=None):
    """An answer of a worker to the next HIT, which took some minutes."""
    taken = worker.assignments.count()
    hit = Hit.objects.select_related("hit_type").order_by("pk")[taken]
    assignment = leases.accept(worker, hit)
    submit(assignment, AnswerForm("thing", 5, frozenset()))
    return timed(assignment, minutes, active_minutes)


def timed(assignment, minutes, active_minutes=None):
    assignment.refresh_from_db()
    end = assignment.submitted_at or assignment.accepted_at
    start = end - timedelta(minutes=minutes)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=start)
    if active_minutes is not None:
        Trace.objects.create(assignment=assignment, active_seconds=60 * active_minutes)
    return assignment


def top_ups(worker):
    return list(worker.ledger.filter(kind=Kind.TOP_UP).values_list("cents", flat=True))


def test_slow_work_is_topped_up_to_the_minimum_once(study, ana):
    worked(ana, minutes=6)
    worked(ana, minutes=5)

    assert [owe_shortfalls(study) for _ in range(3)] == [60, 0, 0]  # 11 minutes at 20 cents: 220
    assert top_ups(ana) == [60]


def test_who_earns_more_is_owed_nothing_more(study, ana):
    worked(ana, minutes=3)

    assert owe_shortfalls(study) == 0


def test_fast_sets_count_against_slow_ones_of_the_same_person_alone(study, ana):
    (ben,) = workers(study, "ben")
    worked(ana, minutes=6)
    worked(ana, minutes=2)
    worked(ben, minutes=6)

    owe_shortfalls(study)

    assert (top_ups(ana), top_ups(ben)) == ([], [40])


def test_later_work_is_topped_up_by_the_difference(study, ana):
    worked(ana, minutes=6)
    owe_shortfalls(study, ana)
    worked(ana, minutes=5)
    owe_shortfalls(study, ana)

    assert top_ups(ana) == [40, 20]


def test_a_set_counts_for_three_times_the_median_at_most(study, ana):
    """12 minutes before a pilot of five answers, which has a median of its own."""
    (ben, *others) = workers(study, "ben", "c", "d", "e", "f")
    worked(ana, minutes=120)
    assert owe_shortfalls(study) == 12 * 20 - 80

    for other in (ben, *others):
        worked(other, minutes=5)
    owe_shortfalls(study)

    assert top_ups(ana) == [160, 60]  # 3 x 5 minutes
    assert top_ups(ben) == [20]


def test_no_more_time_counts_than_the_server_saw(study, ana):
    worked(ana, minutes=4, active_minutes=11)

    assert owe_shortfalls(study) == 0


def test_practice_counts_and_a_bonus_does_not(study, ana):
    KnownAnswer.objects.create(unit=Hit.objects.first().unit, concepts=["a"], for_training=True)
    worked(ana, minutes=6)
    give_bonus(ana, 500, "Good", COMMAND)

    assert LedgerEntry.objects.filter(kind=Kind.PRACTICE).exists()
    assert owe_shortfalls(study) == 40


def test_the_time_of_a_rejected_answer_is_not_topped_up(study, ana):
    assignment = worked(ana, minutes=6)
    Assignment.objects.filter(pk=assignment.pk).update(status="rejected")

    assert owe_shortfalls(study) == 0


def test_a_set_that_was_stopped_counts_with_its_part(study, ana):
    assignment = leases.accept(ana, Hit.objects.select_related("hit_type").first())
    leases.give_back(assignment)
    Trace.objects.create(assignment=assignment, active_seconds=120)
    timed_at = assignment.trace.saved_at - timedelta(minutes=3)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=timed_at)
    assert owe_shortfalls(study) == 0  # not begun in earnest: nothing is paid for it

    owe(ana, Kind.PART, 10, f"part {assignment.key}", "a set that was stopped", assignment)

    assert owe_shortfalls(study) == 30  # 2 minutes at 20 cents, less the part


def test_nobody_is_topped_up_where_the_minimum_is_0(study, ana):
    worked(ana, minutes=9)
    Study.objects.update(min_hourly_cents=0)

    assert owe_shortfalls(Study.objects.get()) == 0


def test_only_people_are_topped_up():
    study = published_study(min_hourly_cents=9000)
    (robot,) = workers(study, "robot", kind="simulated")
    worked(robot, minutes=9)

    assert owe_shortfalls(study) == 0


@pytest.mark.parametrize("seconds", [0, 1, 359, 360, 361, 1234.5, 86_400])
@pytest.mark.parametrize("paid", [0, 79, 80, 81, 10_000])
def test_a_shortfall_is_what_an_hour_at_the_minimum_lacks(seconds, paid):
    assert shortfall(paid, seconds, 800) == max(0, ceil(800 * seconds / 3600) - paid)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_top_up_once(study, ana):
    worked(ana, minutes=6)

    assert sorted(run_at_once(*[lambda: owe_shortfalls(study)] * 4)) == [0, 0, 0, 40]
    assert top_ups(ana) == [40]
