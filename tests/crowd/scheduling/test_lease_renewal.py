"""Whoever works on a HIT keeps it: the same as extending the lease, in fewer queries."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.leases import LEASE_LEFT, renew_lease
from annotator.models import Assignment, Place
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def assignment():
    study = published_study(places=1)
    return leases.accept(workers(study, "ana")[0], the_hit(study))


def lease_ends_in(minutes):
    Place.objects.update(leased_until=now() + timedelta(minutes=minutes))


def fresh(assignment):
    rows = Assignment.objects.select_related("hit__hit_type").annotate(lease_left=LEASE_LEFT)
    return rows.get(pk=assignment.pk)


def test_a_lease_that_lasts_starts_anew_in_one_query(assignment, django_assert_num_queries):
    lease_ends_in(2)
    assignment = fresh(assignment)
    with django_assert_num_queries(1):
        assert renew_lease(assignment)

    assert Place.objects.get().leased_until > now() + timedelta(minutes=55)


@pytest.mark.parametrize(("minutes", "queries"), [(59.9, 0), (58, 0), (56, 1), (0.1, 1)])
def test_a_lease_of_an_hour_is_renewed_when_three_minutes_of_it_have_passed(
    assignment, django_assert_num_queries, minutes, queries
):
    lease_ends_in(minutes)
    assignment = fresh(assignment)
    with django_assert_num_queries(queries):
        assert renew_lease(assignment)


def test_where_it_is_not_known_what_is_left_a_lease_is_renewed(assignment):
    lease_ends_in(59.9)
    before = Place.objects.get().leased_until

    assert renew_lease(Assignment.objects.get(pk=assignment.pk))
    assert Place.objects.get().leased_until > before


def test_a_lapsed_lease_comes_back_to_life(assignment):
    lease_ends_in(-2)
    leases.expire_assignments()

    assert renew_lease(fresh(assignment))
    assert fresh(assignment).status == "accepted"
    assert leases.holds(assignment)


def test_a_place_that_somebody_else_has_taken_is_left_to_them(assignment):
    lease_ends_in(-2)
    bens = leases.accept(
        workers(assignment.worker.study, "ben")[0], the_hit(assignment.worker.study)
    )

    assert fresh(assignment).lease_left is None
    assert not renew_lease(fresh(assignment))
    assert leases.holds(bens)


def end_by_answering(assignment):
    submit(assignment, AnswerForm("ball", 5, frozenset()))


@pytest.mark.parametrize("end", [leases.give_back, end_by_answering])
def test_what_is_over_stays_over(assignment, end):
    seen_before = fresh(assignment)
    end(assignment)

    assert fresh(assignment).lease_left is None
    assert not renew_lease(fresh(assignment))
    seen_before.lease_left = None  # an hour later
    assert not renew_lease(seen_before)
    assert not leases.holds(assignment)
