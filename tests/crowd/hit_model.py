"""A simple model of one HIT's life: what the places, answers and statuses should be by now."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from annotator.models import Answer, Assignment, Hit

Status = Assignment.Status


class Seat:
    """What the model knows of a place: who took it last, and whether that still lasts."""

    def __init__(self):
        self.holder = None
        self.lasts = False
        self.is_filled = False

    @property
    def is_free(self):
        return not self.is_filled and not self.lasts


class Expected:
    """Everything that happened to a HIT, by its definition."""

    def __init__(self, hit, seats, wanted=0):
        self.hit = hit
        self.kind = hit.kind
        self.seats = {pk: Seat() for pk in seats}
        self.wanted = wanted  # answers a unit
        self.adaptive_most = None
        self.past = []  # assignments
        self.returned = set()
        self.surplus = {}  # answered assignment: is it surplus?
        self.groups = {}
        self.decided = {}  # answered assignment: its status
        self.is_reviewing = False
        self.is_disposed = False
        self.lapses_are_noticed = True

    @property
    def is_named(self):
        """Whether its answers have a group: of a given concept, only marks are asked for."""
        return self.kind == Hit.Kind.NAMING

    @property
    def free(self):
        return {pk for pk, seat in self.seats.items() if seat.is_free}

    @property
    def open_count(self):
        return sum(not seat.is_filled for seat in self.seats.values())

    def add(self, seats):
        """Places that are new."""
        self.seats |= {pk: Seat() for pk in seats}

    def has_seat(self, assignment):
        seat = self.seats[assignment.place_id]
        return seat.holder == assignment and not seat.is_filled

    def answer(self, assignment, group):
        """Take an answer; a late one counts if its place is still free."""
        seat = self.seats[assignment.place_id]
        counts = self.has_seat(assignment) or seat.is_free
        seat.is_filled = seat.is_filled or counts
        seat.lasts = seat.lasts and not seat.is_filled
        self.surplus[assignment] = not counts
        self.groups[assignment] = group if self.is_named else None
        self.decided[assignment] = Status.SUBMITTED

    def wants_a_seat_more(self):
        """Whether no group has more than half of what counts, and the setting allows a place."""
        if self.adaptive_most is None or self.is_disposed or self.open_count:
            return False  # only of the HIT that names a unit
        counted = [
            self.groups[assignment]
            for assignment, is_surplus in self.surplus.items()
            if not is_surplus and self.decided[assignment] in (Status.SUBMITTED, Status.APPROVED)
        ]
        most = max(Counter(counted).values(), default=0)
        return len(self.seats) < self.adaptive_most and most <= len(counted) / 2

    def status(self):
        if self.is_disposed:
            return Hit.Status.DISPOSED
        if self.free:
            return Hit.Status.ASSIGNABLE
        if self.open_count:
            return Hit.Status.UNASSIGNABLE
        return Hit.Status.REVIEWING if self.is_reviewing else Hit.Status.REVIEWABLE


def every_answer_is_there_once_and_as_expected(model):
    answers = Answer.objects.filter(assignment__hit=model.hit)
    stored = {pk: rest for pk, *rest in answers.values_list(
        "assignment", "is_surplus", "group", "assignment__status"
    )}  # fmt: skip
    assert stored == {
        each.pk: [is_surplus, model.groups[each], model.decided[each]]
        for each, is_surplus in model.surplus.items()
    }
    counted = sum(not is_surplus for is_surplus, *_ in stored.values())
    filled = sum(seat.is_filled for seat in model.seats.values())
    assert counted == filled <= len(model.seats)


def places_are_as_expected(model):
    assert set(model.hit.places.free().values_list("pk", flat=True)) == model.free
    for place in model.hit.places.all():
        seat = model.seats[place.pk]
        assert place.is_filled == seat.is_filled
        assert place.claim_number == (seat.holder.claim_number if seat.holder else 0)


def walk(machine, times):
    """Lead a state machine through so many random lives, of three steps each."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=times,
            stateful_step_count=3,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
