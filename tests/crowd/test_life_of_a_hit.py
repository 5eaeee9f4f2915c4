"""Random lives of HITs, compared with a simple model of them."""

import secrets
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.strategies import integers, lists, sampled_from, tuples

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import AlreadyWorked, NoPlace, NotAnswered, NotOpen, StillOpen
from annotator.crowd.review import answer_list, decisions
from annotator.crowd.scheduling import leases, redundancy
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import Assignment, AuditRow, Hit, KnownAnswer
from tests.crowd.hit_model import (
    Expected,
    every_answer_is_there_once_and_as_expected,
    places_are_as_expected,
    walk,
)
from tests.crowd.studies import add_verification, published_study, workers

MAX_OPEN = 2  # places, so that workers get into each other's way
ADAPTIVE_MOST = 5
GROUPS = [3, 5, 6]
NAMING, VERIFYING, PRACTICE = range(3)
HITS = [NAMING, NAMING, VERIFYING, PRACTICE]
OF_ONE = ["answer", "extend", "give_back", "accept_again", "decide"]  # among the last three
OF_ALL = ["an_hour_passes", "expire", "raise_redundancy", "ask_again", "adapt", "review"]
HAPPENINGS = ["accept", "accept", "answer", "decide", "dispose", *OF_ALL, *OF_ONE]
DECISIONS = {
    "approved": decisions.approve,
    "soft-rejected": decisions.soft_reject,
    "rejected": decisions.reject,
}


def form(group):
    return AnswerForm("thing", group, frozenset())


class Life(RuleBasedStateMachine):
    """Everything that may happen to three HITs; each step says what the models expect.

    One names a unit, one verifies a concept of the same unit, one is for training: everybody
    begins with that, and its places are made as workers come.
    """

    @initialize(places=integers(1, 2), adaptive_most=sampled_from([None, ADAPTIVE_MOST]))
    def publish(self, places, adaptive_most):
        self.study = published_study(
            secrets.token_hex(8),
            layers=(("squeezenet", "conv10", 2),),
            places=places,
            adaptive_most=adaptive_most,
        )
        naming, practice = Hit.objects.filter(unit__layer__network__study=self.study).order_by("pk")
        KnownAnswer.objects.create(unit=practice.unit, concepts=["thing"], for_training=True)
        hits = [naming, add_verification(self.study, places), practice]
        self.models = [
            Expected(hit, hit.places.values_list("pk", flat=True), places) for hit in hits
        ]
        self.models[NAMING].adaptive_most = adaptive_most
        self.audited = 0
        for at in HITS:
            self.look_at(at)
            self.accept(0)

    def look_at(self, at):
        self.model = self.models[at]
        self.hit = self.model.hit

    # Many happenings a step, since hypothesis likes few steps and lives are long.
    @rule(
        happenings=lists(
            tuples(sampled_from(HAPPENINGS), integers(0, 8), sampled_from(HITS)), min_size=24
        )
    )
    def happen(self, happenings):
        for what, which, at in happenings:
            self.look_at(at)
            if what in OF_ONE:
                had = self.model.past
                getattr(self, what)(had[-1 - which % min(3, len(had))], which)
            else:
                getattr(self, what)(which)
            for model in self.models:
                model.is_reviewing &= not model.open_count
                self.check(model)

    def check(self, model):
        every_answer_is_there_once_and_as_expected(model)
        places_are_as_expected(model)
        if model.lapses_are_noticed:
            assert Hit.objects.get(pk=model.hit.pk).status == model.status()
        assert AuditRow.objects.filter(study=self.study).count() == self.audited

    def accept(self, which):
        model = self.model
        (worker,) = workers(self.study, f"worker {len(model.past)}, {secrets.token_hex(4)}")
        makes_room = model is self.models[PRACTICE] and not model.is_disposed
        if not makes_room and (not model.free or model.is_disposed):
            with pytest.raises(NoPlace):
                leases.accept(worker, self.hit)
            return
        lacking = 0 if model.free else 1
        assignment = take_next(worker) if makes_room else leases.accept(worker, self.hit)
        assert assignment.hit == self.hit
        self.seat_more(lacking)
        assert assignment.place_id in model.free
        model.past.append(assignment)
        seat = model.seats[assignment.place_id]
        seat.holder, seat.lasts = assignment, True

    def accept_again(self, assignment, which):
        """Nobody has a unit twice: who named it does not verify it, nor the other way round."""
        for model in self.models:
            if model.hit.unit_id == assignment.unit_id:
                with pytest.raises(AlreadyWorked):
                    leases.accept(assignment.worker, model.hit)

    def an_hour_passes(self, which):
        self.model.lapses_are_noticed = False
        for seat in self.model.seats.values():
            seat.lasts = False
        held = self.hit.places.filter(leased_until__isnull=False)
        held.update(leased_until=Now() - timedelta(seconds=1))

    def expire(self, which):
        leases.expire_assignments()
        for model in self.models:
            model.lapses_are_noticed = True

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
                submit(assignment, form(group))
            return
        answer = submit(assignment, form(group))
        assert submit(assignment, form(1)) == answer
        if assignment not in model.surplus:
            model.answer(assignment, group)
            self.seat_more(int(model.wants_a_seat_more()))
        assert answer.is_surplus == model.surplus[assignment]

    def seat_more(self, count):
        """Exactly so many places are new, and the model knows them from now on."""
        new = set(self.hit.places.values_list("pk", flat=True)) - self.model.seats.keys()
        assert len(new) == count
        self.model.add(new)

    def decide(self, assignment, which):
        model, decision = self.model, list(DECISIONS)[which // 3]
        if assignment not in model.surplus:
            with pytest.raises(NotAnswered):
                DECISIONS[decision](assignment, COMMAND, "For a reason.")
            return
        changed = DECISIONS[decision](assignment, COMMAND, "For a reason.")
        assert changed == (model.decided[assignment] != decision)
        model.decided[assignment] = decision
        if changed:
            self.audited += 1
            model.is_reviewing = not model.open_count

    def review(self, which):
        done = decisions.set_reviewing([self.hit.pk], bool(which % 2))
        if self.model.lapses_are_noticed:
            assert done == (not self.model.is_disposed and not self.model.open_count)
        if done:
            self.model.is_reviewing = bool(which % 2)

    def raise_redundancy(self, which):
        """Of the unit to name, or of the concept to verify; practice never gets places by it."""
        if self.model is self.models[VERIFYING]:
            self.raise_verification()
            return
        self.look_at(NAMING)
        model = self.model
        if model.wanted > 1 and which % 2:
            with pytest.raises(redundancy.TooFewAnswers):
                redundancy.raise_redundancy(self.study, model.wanted - 1, COMMAND)
            return
        if model.open_count >= MAX_OPEN or model.wanted == 6:
            return
        model.wanted += 1
        lacking = 0 if model.is_disposed else max(0, model.wanted - len(model.seats))
        assert redundancy.raise_redundancy(self.study, model.wanted, COMMAND) == lacking
        assert redundancy.raise_redundancy(self.study, model.wanted, COMMAND) == 0
        self.seat_more(lacking)
        self.audited += 1

    def raise_verification(self):
        model = self.model
        if model.open_count >= MAX_OPEN or model.wanted == 6:
            return
        model.wanted += 1
        lacking = 0 if model.is_disposed else max(0, model.wanted - len(model.seats))
        for added in (lacking, 0):
            added_places = redundancy.raise_verifications(
                self.study, [self.hit], model.wanted, COMMAND
            )
            assert added_places == added
        self.seat_more(lacking)
        self.audited += lacking > 0

    def ask_again(self, which):
        if self.model.is_disposed:
            with pytest.raises(StillOpen):
                decisions.ask_again(self.hit, COMMAND)
        elif self.model.open_count < MAX_OPEN:
            decisions.ask_again(self.hit, COMMAND)
            self.seat_more(1)
            self.audited += 1

    def adapt(self, which):
        """Let the unit have more where no group has a majority, or let it no longer."""
        self.look_at(NAMING)
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
            with pytest.raises(StillOpen):
                decisions.dispose(self.hit, COMMAND)
            return
        if which:  # rarely, since it ends a life
            return
        assert decisions.dispose(self.hit, COMMAND) != model.is_disposed
        self.audited += not model.is_disposed
        model.is_disposed = True

    def teardown(self):
        """No dead end: with enough new workers every place is filled in the end."""
        leases.expire_assignments()
        for model in self.models:
            for assignment in model.past:
                if assignment not in model.returned:
                    submit(assignment, form(3))
        for _ in range(4 * ADAPTIVE_MOST):
            (worker,) = workers(self.study, secrets.token_hex(8))
            while assignment := take_next(worker):
                submit(assignment, form(3))
        decisions.decide_all(answer_list.waiting(self.study), "approve", COMMAND)
        for model in self.models:
            if not model.is_disposed:
                assert not model.hit.places.filter(is_filled=False).exists()
                assert decisions.dispose(model.hit, COMMAND)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_no_life_of_a_hit_loses_or_doubles_an_answer_or_ends_in_a_dead_end():
    walk(Life, times=5)


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.timeout(1800)
def test_nor_does_one_of_many():
    walk(Life, times=100)
