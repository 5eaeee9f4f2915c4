"""A simple model of one HIT's life: what the places, answers and statuses should be by now."""

from collections import Counter

from annotator.models import Assignment, Hit

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
    """Everything that happened to a HIT, told by its definition."""

    def __init__(self, seats, wanted=0):
        self.seats = {pk: Seat() for pk in seats}
        self.wanted = wanted  # answers a unit
        self.adaptive_most = None
        self.had = []  # assignments
        self.returned = set()
        self.surplus = {}  # answered assignment: is it surplus?
        self.groups = {}
        self.decided = {}  # answered assignment: its status
        self.is_reviewing = False
        self.is_disposed = False
        self.lapses_are_noticed = True

    @property
    def free(self):
        return {pk for pk, seat in self.seats.items() if seat.is_free}

    @property
    def open_count(self):
        return sum(not seat.is_filled for seat in self.seats.values())

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
        self.groups[assignment] = group
        self.decided[assignment] = Status.SUBMITTED

    def wants_a_seat_more(self):
        """Whether no group has more than half of what counts, and the setting allows a place."""
        if self.adaptive_most is None or self.is_disposed or self.open_count:
            return False
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
