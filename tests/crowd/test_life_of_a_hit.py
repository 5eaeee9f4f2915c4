"""Random lives of HITs, walked beside a simple model of them."""

import secrets
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, lists, sampled_from, tuples

from annotator.crowd import leases
from annotator.crowd.answering import Said, submit
from annotator.crowd.choosing import take_next
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotOpen
from annotator.models import Answer, Hit
from tests.crowd.studies import published_study, the_hit, workers

MOST_OPEN = 2  # places, so that workers get into each other's way
GRASS = Said("grass", 3, frozenset())
ROAD = Said("road", 3, frozenset())
OF_ONE = ["answer", "extend", "give_back", "accept_again"]  # assignment, among the last three
HAPPENINGS = ["accept", "accept", "an_hour_passes", "expire", "raise_redundancy", *OF_ONE]


class Seat:
    """What the model knows of a place: who took it last, and whether that still lasts."""

    def __init__(self):
        self.holder = None
        self.lasts = False
        self.is_filled = False

    @property
    def is_free(self):
        return not self.is_filled and not self.lasts


class Life(RuleBasedStateMachine):
    """Everything that may happen to HITs; each step says what the model expects."""

    @initialize()
    def publish(self):
        self.study = published_study(secrets.token_hex(8), places=1)
        self.hit = the_hit(self.study)
        self.seats = {place.pk: Seat() for place in self.hit.places.all()}
        self.had = []
        self.returned = set()
        self.answers = {}  # assignment: is it surplus?
        self.lapses_are_noticed = True
        self.accept()

    # Many happenings a step, since hypothesis likes few steps and lives are long.
    @rule(happenings=lists(tuples(sampled_from(HAPPENINGS), integers(0, 2)), min_size=12))
    def happen(self, happenings):
        for what, which in happenings:
            happening = getattr(self, what)
            if what in OF_ONE:
                happening(self.had[-1 - which % len(self.had)])
            else:
                happening()
            self.check()

    def check(self):
        self.every_answer_is_there_once_and_as_expected()
        self.places_are_as_expected()
        self.the_status_follows_the_places()

    def accept(self):
        (worker,) = workers(self.study, f"worker {len(self.had)}, {secrets.token_hex(4)}")
        free = {pk for pk, seat in self.seats.items() if seat.is_free}
        if not free:
            with pytest.raises(NoPlace):
                leases.accept(worker, self.hit)
            return
        assignment = leases.accept(worker, self.hit)
        assert assignment.place_id in free
        self.had.append(assignment)
        seat = self.seats[assignment.place_id]
        seat.holder, seat.lasts = assignment, True

    def accept_again(self, assignment):
        with pytest.raises(AlreadyWorked):
            leases.accept(assignment.worker, self.hit)

    def has_seat(self, assignment):
        seat = self.seats[assignment.place_id]
        return seat.holder == assignment and not seat.is_filled

    def an_hour_passes(self):
        self.lapses_are_noticed = False
        for seat in self.seats.values():
            seat.lasts = False
        held = self.hit.places.filter(leased_until__isnull=False)
        held.update(leased_until=Now() - timedelta(seconds=1))

    def expire(self):
        leases.expire_lapsed()
        self.lapses_are_noticed = True

    def extend(self, assignment):
        is_open = assignment not in self.returned and assignment not in self.answers
        expected = is_open and self.has_seat(assignment)
        assert leases.extend(assignment) == expected
        if expected:
            self.seats[assignment.place_id].lasts = True

    def give_back(self, assignment):
        if assignment in self.answers:
            with pytest.raises(NotOpen):
                leases.give_back(assignment)
            return
        leases.give_back(assignment)
        if self.has_seat(assignment) and assignment not in self.returned:
            self.seats[assignment.place_id].lasts = False
        self.returned.add(assignment)

    def answer(self, assignment):
        if assignment in self.returned:
            with pytest.raises(NotOpen):
                submit(assignment, GRASS)
            return
        answer = submit(assignment, GRASS)
        assert submit(assignment, ROAD) == answer
        if assignment not in self.answers:
            seat = self.seats[assignment.place_id]
            counts = self.has_seat(assignment) or seat.is_free
            seat.is_filled = seat.is_filled or counts
            seat.lasts = seat.lasts and not seat.is_filled
            self.answers[assignment] = not counts
        assert answer.is_surplus == self.answers[assignment]

    def raise_redundancy(self):
        if sum(not seat.is_filled for seat in self.seats.values()) == MOST_OPEN:
            return
        leases.add_places(self.hit, 1)
        self.seats[self.hit.places.order_by("-number").first().pk] = Seat()

    def every_answer_is_there_once_and_as_expected(self):
        found = Answer.objects.filter(assignment__hit=self.hit)
        stored = dict(found.values_list("assignment", "is_surplus"))
        assert stored == {each.pk: surplus for each, surplus in self.answers.items()}
        counted = list(stored.values()).count(False)
        assert counted == sum(seat.is_filled for seat in self.seats.values()) <= len(self.seats)

    def places_are_as_expected(self):
        free = set(self.hit.places.free().values_list("pk", flat=True))
        assert free == {pk for pk, seat in self.seats.items() if seat.is_free}
        for place in self.hit.places.all():
            seat = self.seats[place.pk]
            assert place.is_filled == seat.is_filled
            assert place.claim_number == (seat.holder.claim_number if seat.holder else 0)

    def the_status_follows_the_places(self):
        if self.lapses_are_noticed:
            if any(seat.is_free for seat in self.seats.values()):
                expected = Hit.Status.ASSIGNABLE
            elif all(seat.is_filled for seat in self.seats.values()):
                expected = Hit.Status.REVIEWABLE
            else:
                expected = Hit.Status.UNASSIGNABLE
            assert Hit.objects.get(pk=self.hit.pk).status == expected

    def teardown(self):
        """No dead end: with enough new workers every place is filled in the end."""
        leases.expire_lapsed()
        for assignment in self.had:
            if assignment not in self.returned:
                submit(assignment, GRASS)
        for _ in self.seats:
            (worker,) = workers(self.study, secrets.token_hex(8))
            while assignment := take_next(worker):
                submit(assignment, GRASS)
        assert not self.hit.places.filter(is_filled=False).exists()
        assert Hit.objects.get(pk=self.hit.pk).status == Hit.Status.REVIEWABLE


@pytest.mark.django_db
@pytest.mark.both_databases
def test_no_life_of_a_hit_loses_or_doubles_an_answer_or_ends_in_a_dead_end():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20,
            stateful_step_count=3,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
