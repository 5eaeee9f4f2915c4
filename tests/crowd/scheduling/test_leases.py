"""Places: taken, held, extended, given back, lapsed."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotOpen
from annotator.crowd.scheduling import leases, redundancy
from annotator.models import Assignment, Hit, Place
from tests.crowd.concurrency import for_each_at_once
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GRASS = AnswerForm(concept="grass", group=3, marked=frozenset())


def hit_with_two_workers(places):
    study = published_study(places=places)
    return the_hit(study), *workers(study, "ana", "ben")


def let_lapse(assignment):
    Place.objects.filter(pk=assignment.place_id).update(leased_until=Now() - timedelta(seconds=1))


def lapsed_and_next():
    """Ana's lapsed assignment of the only place, and Ben's, who took it over."""
    hit, ana, ben = hit_with_two_workers(places=1)
    late = leases.accept(ana, hit)
    let_lapse(late)
    return late, leases.accept(ben, hit)


def status_of(thing):
    return type(thing).objects.get(pk=thing.pk).status


def test_a_hit_takes_as_many_workers_as_it_has_places():
    study = published_study(places=2)
    hit = the_hit(study)
    ana, ben, cem = workers(study, "ana", "ben", "cem")

    first, second = leases.accept(ana, hit), leases.accept(ben, hit)

    assert first.place_id != second.place_id
    assert leases.holds(first)
    assert leases.holds(second)
    with pytest.raises(NoPlace, match="take the next"):
        leases.accept(cem, hit)


def test_a_worker_has_a_unit_once_even_after_giving_it_back():
    study = published_study(places=2)
    hit = the_hit(study)
    (ana,) = workers(study, "ana")
    assignment = leases.accept(ana, hit)

    with pytest.raises(AlreadyWorked) as error:
        leases.accept(ana, hit)
    leases.give_back(assignment)
    with pytest.raises(AlreadyWorked):
        leases.accept(ana, hit)

    assert error.value.assignment == assignment
    assert Place.objects.free().count() == 2


def test_a_returned_place_is_free_at_once_with_its_reason_kept():
    hit, ana, ben = hit_with_two_workers(places=1)
    assignment = leases.accept(ana, hit)

    leases.give_back(assignment, "too hard to see")

    assert status_of(assignment) == Assignment.Status.RETURNED
    assert Assignment.objects.get().return_reason == "too hard to see"
    assert not leases.holds(assignment)
    assert leases.holds(leases.accept(ben, hit))


def test_a_lapsed_place_goes_to_the_next_worker_without_anybody_tidying_up():
    late, in_time = lapsed_and_next()

    assert not leases.holds(late)
    assert leases.holds(in_time)
    assert in_time.claim_number == late.claim_number + 1


def test_an_untouched_place_is_taken_before_a_lapsed_one():
    hit, ana, ben = hit_with_two_workers(places=2)
    lapsed = leases.accept(ana, hit)
    let_lapse(lapsed)

    assert leases.accept(ben, hit).place_id != lapsed.place_id


def test_what_a_slow_worker_gives_back_is_not_the_next_workers_place():
    study = published_study(places=1)
    hit = the_hit(study)
    ana, ben, cem = workers(study, "ana", "ben", "cem")
    slow = leases.accept(ana, hit)
    let_lapse(slow)
    quick = leases.accept(ben, hit)

    leases.give_back(slow)

    assert leases.holds(quick)
    with pytest.raises(NoPlace):
        leases.accept(cem, hit)


def test_giving_back_twice_is_as_good_as_once_and_an_answer_stays():
    study = published_study(places=1)
    ana, ben = workers(study, "ana", "ben")
    returned = leases.accept(ana, the_hit(study))
    leases.give_back(returned)
    leases.give_back(returned)
    answered = leases.accept(ben, the_hit(study))
    submit(answered, GRASS)

    with pytest.raises(NotOpen, match="already submitted"):
        leases.give_back(answered)

    assert status_of(answered) == Assignment.Status.SUBMITTED


def test_extending_revives_a_lapsed_lease_while_nobody_has_the_place():
    hit, ana, ben = hit_with_two_workers(places=1)
    assignment = leases.accept(ana, hit)
    let_lapse(assignment)
    leases.expire_assignments()

    assert leases.extend(assignment)
    assert leases.holds(assignment)
    assert status_of(assignment) == Assignment.Status.ACCEPTED
    with pytest.raises(NoPlace):
        leases.accept(ben, hit)


def test_extending_does_nothing_once_the_place_is_anothers_or_given_back():
    late, in_time = lapsed_and_next()

    assert not leases.extend(late)
    leases.give_back(in_time)
    assert not leases.extend(in_time)
    assert Place.objects.free().count() == 1


def test_only_lapsed_assignments_expire():
    study = published_study(places=3)
    hit = the_hit(study)
    ana, ben, cem = workers(study, "ana", "ben", "cem")
    lapsed, held, answered = (leases.accept(each, hit) for each in (ana, ben, cem))
    let_lapse(lapsed)
    submit(answered, GRASS)

    assert leases.expire_assignments() == 1
    assert leases.expire_assignments() == 0

    assert status_of(lapsed) == Assignment.Status.EXPIRED
    assert status_of(held) == Assignment.Status.ACCEPTED
    assert status_of(answered) == Assignment.Status.SUBMITTED


def test_the_status_of_a_hit_follows_its_places():
    hit, ana, ben = hit_with_two_workers(places=2)
    seen = [status_of(hit)]

    first = leases.accept(ana, hit)
    seen.append(status_of(hit))
    second = leases.accept(ben, hit)
    seen.append(status_of(hit))
    let_lapse(first)
    leases.expire_assignments()
    seen.append(status_of(hit))
    submit(first, GRASS)
    submit(second, GRASS)
    seen.append(status_of(hit))
    redundancy.add_places(hit, 1)
    seen.append(status_of(hit))

    free, taken, full = "assignable", "unassignable", "reviewable"
    assert seen == [free, free, taken, free, full, free]
    assert list(hit.places.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_a_withdrawn_hit_takes_nobody_but_lets_those_inside_finish():
    hit, ana, ben = hit_with_two_workers(places=2)
    inside = leases.accept(ana, hit)
    Hit.objects.update(status=Hit.Status.DISPOSED)

    with pytest.raises(NoPlace):
        leases.accept(ben, hit)
    answer = submit(inside, GRASS)

    assert not answer.is_surplus
    assert status_of(hit) == Hit.Status.DISPOSED


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_take_three_places_once_each():
    study = published_study(places=3)
    hit = the_hit(study)

    def race(worker):
        try:
            return leases.accept(worker, hit).place_id
        except NoPlace:
            return None

    everybody = workers(study, *(f"worker {number}" for number in range(20)))
    outcomes = for_each_at_once(race, everybody)

    places = [place for place in outcomes if place]
    assert sorted(places) == sorted(hit.places.values_list("pk", flat=True))
    assert set(Place.objects.values_list("claim_number", flat=True)) == {1}
    assert status_of(hit) == Hit.Status.UNASSIGNABLE


@pytest.mark.django_db(transaction=True)
def test_the_last_places_filled_at_the_same_moment_leave_the_hit_reviewable():
    study = published_study(places=8)
    hit = the_hit(study)
    everybody = workers(study, *(f"worker {number}" for number in range(8)))
    assignments = [leases.accept(worker, hit) for worker in everybody]

    for_each_at_once(lambda assignment: submit(assignment, GRASS), assignments)

    assert status_of(hit) == Hit.Status.REVIEWABLE


def test_places_are_added_to_each_hit_behind_those_that_it_has():
    published_study(layers=[("net", "conv", 3)], places=2)
    first, second, third = Hit.objects.order_by("pk")

    redundancy.add_places_to({first.pk: 2, second.pk: 1})

    numbers = [list(hit.places.values_list("number", flat=True)) for hit in (first, second, third)]
    assert [sorted(own) for own in numbers] == [[1, 2, 3, 4], [1, 2, 3], [1, 2]]
