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

from annotator.crowd import leases, redundancy, reviewing
from annotator.crowd.answering import Said, submit
from annotator.crowd.auditing import COMMAND
from annotator.crowd.choosing import take_next
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotOpen
from annotator.models import Answer, Assignment, AuditRow, Hit
from tests.crowd.lives import Expected
from tests.crowd.studies import published_study, the_hit, workers

MOST_OPEN = 2  # places, so that workers get into each other's way
ADAPTIVE_MOST = 5
GROUPS = [3, 5, 6]
OF_ONE = ["answer", "extend", "give_back", "accept_again", "decide"]  # among the last three
OF_ALL = ["an_hour_passes", "expire", "raise_redundancy", "ask_again", "adapt", "review"]
HAPPENINGS = ["accept", "accept", "answer", "decide", "dispose", *OF_ALL, *OF_ONE]
DECISIONS = {
    "approved": reviewing.approve,
    "soft-rejected": reviewing.soft_reject,
    "rejected": reviewing.reject,
}


def said(group):
    return Said("thing", group, frozenset())


class Life(RuleBasedStateMachine):
    """Everything that may happen to HITs; each step says what the model expects."""

    @initialize(places=integers(1, 2), adaptive_most=sampled_from([None, ADAPTIVE_MOST]))
    def publish(self, places, adaptive_most):
        name = secrets.token_hex(8)
        self.study = published_study(name, places=places, adaptive_most=adaptive_most)
        self.hit = the_hit(self.study)
        self.model = Expected(self.hit.places.values_list("pk", flat=True), places)
        self.model.adaptive_most = adaptive_most
        self.audited = 0
        self.accept(0)

    # Many happenings a step, since hypothesis likes few steps and lives are long.
    @rule(happenings=lists(tuples(sampled_from(HAPPENINGS), integers(0, 8)), min_size=12))
    def happen(self, happenings):
        for what, which in happenings:
            if what in OF_ONE:
                had = self.model.had
                getattr(self, what)(had[-1 - which % min(3, len(had))], which)
            else:
                getattr(self, what)(which)
            self.model.is_reviewing &= not self.model.open_count
            self.check()

    def check(self):
        self.every_answer_is_there_once_and_as_expected()
        self.places_are_as_expected()
        if self.model.lapses_are_noticed:
            assert Hit.objects.get(pk=self.hit.pk).status == self.model.status()
        assert AuditRow.objects.filter(study=self.study).count() == self.audited

    def accept(self, which):
        model = self.model
        (worker,) = workers(self.study, f"worker {len(model.had)}, {secrets.token_hex(4)}")
        if not model.free or model.is_disposed:
            with pytest.raises(NoPlace):
                leases.accept(worker, self.hit)
            return
        assignment = leases.accept(worker, self.hit)
        assert assignment.place_id in model.free
        model.had.append(assignment)
        seat = model.seats[assignment.place_id]
        seat.holder, seat.lasts = assignment, True

    def accept_again(self, assignment, which):
        with pytest.raises(AlreadyWorked):
            leases.accept(assignment.worker, self.hit)

    def an_hour_passes(self, which):
        self.model.lapses_are_noticed = False
        for seat in self.model.seats.values():
            seat.lasts = False
        held = self.hit.places.filter(leased_until__isnull=False)
        held.update(leased_until=Now() - timedelta(seconds=1))

    def expire(self, which):
        leases.expire_lapsed()
        self.model.lapses_are_noticed = True

    def extend(self, assignment, which):
        model = self.model
        is_open = assignment not in model.returned and assignment not in model.surplus
        expected = is_open and model.has_seat(assignment)
        assert leases.extend(assignment) == expected
        if expected:
            model.seats[assignment.place_id].lasts = True

    def give_back(self, assignment, which):
        model = self.model
        if assignment in model.surplus:
            with pytest.raises(NotOpen):
                leases.give_back(assignment)
            return
        leases.give_back(assignment)
        if model.has_seat(assignment) and assignment not in model.returned:
            model.seats[assignment.place_id].lasts = False
        model.returned.add(assignment)

    def answer(self, assignment, which=0):
        model, group = self.model, GROUPS[which % 3]
        if assignment in model.returned:
            with pytest.raises(NotOpen):
                submit(assignment, said(group))
            return
        answer = submit(assignment, said(group))
        assert submit(assignment, said(1)) == answer
        if assignment not in model.surplus:
            model.answer(assignment, group)
            self.seat_more(int(model.wants_a_seat_more()))
        assert answer.is_surplus == model.surplus[assignment]

    def seat_more(self, count):
        """Exactly so many places are new, and the model knows them from now on."""
        new = set(self.hit.places.values_list("pk", flat=True)) - self.model.seats.keys()
        assert len(new) == count
        self.model.seats |= Expected(new).seats

    def decide(self, assignment, which):
        model, decision = self.model, list(DECISIONS)[which // 3]
        if assignment not in model.surplus:
            with pytest.raises(reviewing.NotAnswered):
                DECISIONS[decision](assignment, COMMAND, "For a reason.")
            return
        changed = DECISIONS[decision](assignment, COMMAND, "For a reason.")
        assert changed == (model.decided[assignment] != decision)
        model.decided[assignment] = decision
        if changed:
            self.audited += 1
            model.is_reviewing = not model.open_count

    def review(self, which):
        done = reviewing.set_reviewing(self.hit, bool(which % 2))
        if self.model.lapses_are_noticed:
            assert done == (not self.model.is_disposed and not self.model.open_count)
        if done:
            self.model.is_reviewing = bool(which % 2)

    def raise_redundancy(self, which):
        model = self.model
        if model.wanted > 1 and which % 2:
            with pytest.raises(redundancy.TooFew):
                redundancy.raise_to(self.study, model.wanted - 1, COMMAND)
            return
        if model.open_count >= MOST_OPEN or model.wanted == 6:
            return
        model.wanted += 1
        lacking = 0 if model.is_disposed else max(0, model.wanted - len(model.seats))
        assert redundancy.raise_to(self.study, model.wanted, COMMAND) == lacking
        assert redundancy.raise_to(self.study, model.wanted, COMMAND) == 0
        self.seat_more(lacking)
        self.audited += 1

    def ask_again(self, which):
        if self.model.is_disposed:
            with pytest.raises(reviewing.StillOpen):
                reviewing.ask_again(self.hit, COMMAND)
        elif self.model.open_count < MOST_OPEN:
            reviewing.ask_again(self.hit, COMMAND)
            self.seat_more(1)
            self.audited += 1

    def adapt(self, which):
        """Let the unit have more where no group has a majority, or let it no longer."""
        model = self.model
        if model.wanted >= ADAPTIVE_MOST:
            return
        before, most = model.adaptive_most, ADAPTIVE_MOST if which % 2 else None
        if most is None and not model.is_disposed and len(model.seats) > model.wanted:
            most = model.wanted  # so that headline numbers go on with the first ones
        added = redundancy.set_adaptive(self.study, None if which % 2 == 0 else most, COMMAND)
        model.adaptive_most = most
        self.audited += most != before
        expected = int(most != before and model.wants_a_seat_more())
        assert added == expected
        self.seat_more(expected)

    def dispose(self, which):
        model = self.model
        waits = Assignment.Status.SUBMITTED in model.decided.values()
        is_held = any(seat.lasts for seat in model.seats.values())
        if not model.is_disposed and (waits or is_held):
            with pytest.raises(reviewing.StillOpen):
                reviewing.dispose(self.hit, COMMAND)
            return
        if which:  # rarely, since it ends a life
            return
        assert reviewing.dispose(self.hit, COMMAND) != model.is_disposed
        self.audited += not model.is_disposed
        model.is_disposed = True

    def every_answer_is_there_once_and_as_expected(self):
        model = self.model
        found = Answer.objects.filter(assignment__hit=self.hit)
        stored = {pk: rest for pk, *rest in found.values_list(
            "assignment", "is_surplus", "group", "assignment__status"
        )}  # fmt: skip
        assert stored == {
            each.pk: [is_surplus, model.groups[each], model.decided[each]]
            for each, is_surplus in model.surplus.items()
        }
        counted = sum(not is_surplus for is_surplus, *_ in stored.values())
        filled = sum(seat.is_filled for seat in model.seats.values())
        assert counted == filled <= len(model.seats)

    def places_are_as_expected(self):
        model = self.model
        assert set(self.hit.places.free().values_list("pk", flat=True)) == model.free
        for place in self.hit.places.all():
            seat = model.seats[place.pk]
            assert place.is_filled == seat.is_filled
            assert place.claim_number == (seat.holder.claim_number if seat.holder else 0)

    def teardown(self):
        """No dead end: with enough new workers every place is filled in the end."""
        leases.expire_lapsed()
        for assignment in self.model.had:
            if assignment not in self.model.returned:
                submit(assignment, said(3))
        for _ in range(2 * ADAPTIVE_MOST):
            (worker,) = workers(self.study, secrets.token_hex(8))
            while assignment := take_next(worker):
                submit(assignment, said(3))
        if self.model.is_disposed:
            return
        assert not self.hit.places.filter(is_filled=False).exists()
        reviewing.decide_all(reviewing.waiting(self.study), "approve", COMMAND)
        assert reviewing.dispose(self.hit, COMMAND)


def walk(lives):
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=lives,
            stateful_step_count=3,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
@pytest.mark.both_databases
def test_no_life_of_a_hit_loses_or_doubles_an_answer_or_ends_in_a_dead_end():
    walk(lives=12)


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.timeout(1800)
def test_nor_does_one_of_many():
    walk(lives=100)
