"""Decides about answers and workers: approve, soft-reject, reject, ask for another answer, dispose
of a HIT, exclude a worker.

Nothing is decided by itself. Every decision can be changed; each leaves an audit row. None opens
a place again: that is a step of its own, `ask_again`.

ReviewError
├── NotAnswered      there is no answer to decide about
├── ReasonMissing    a rejection without a reason that the worker can read
├── ReasonTooLong    more than the worker's page has room for
└── StillOpen        the HIT has answers to review, or somebody is at work on it
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.crowd.answers.validation import storable
from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling.leases import add_places, locked, refresh_status
from annotator.models import Assignment, Hit, Place, Study, Worker

Status = Assignment.Status
MAX_CHARACTERS = 500


class ReviewError(Exception):
    """Something a reviewer asked for cannot be. Its text says what to do."""


class NotAnswered(ReviewError):
    """There is no answer to decide about."""


class ReasonMissing(ReviewError):
    """Nobody's work is rejected without a reason that they can read."""


class ReasonTooLong(ReviewError):
    """It would have to be cut."""


class StillOpen(ReviewError):
    """The HIT cannot be disposed of yet."""


def approve(assignment: Assignment, by: Actor, feedback: str = "") -> bool:
    """Accept an answer: paid, and counted. False if that was decided already.

    Raises:
        NotAnswered: it has no answer.
    """
    return _decide(assignment, Status.APPROVED, by, feedback)


def soft_reject(assignment: Assignment, by: Actor, feedback: str = "") -> bool:
    """Pay an answer, and leave it out of results. Returns and raises as `approve`."""
    return _decide(assignment, Status.SOFT_REJECTED, by, feedback)


def reject(assignment: Assignment, by: Actor, feedback: str) -> bool:
    """Neither pay nor count an answer, for a reason that its worker reads.

    Raises:
        NotAnswered: it has no answer.
        ReasonMissing: feedback says nothing.
    """
    if not any(character.isalnum() for character in feedback):
        raise ReasonMissing("A rejection needs a reason, which the worker will read.")
    return _decide(assignment, Status.REJECTED, by, feedback)


DECISIONS = {"approve": approve, "soft-reject": soft_reject, "reject": reject}


def decide_all(
    assignments: Iterable[Assignment], decision: str, by: Actor, feedback: str = ""
) -> int:
    """Decide alike about each of several answers; returns how many that changed.

    Each is a transaction of its own, so what was stopped can be repeated.
    """
    decide = DECISIONS[decision]
    return sum(decide(assignment, by, feedback) for assignment in assignments)


def waiting(study: Study) -> QuerySet[Assignment]:
    """Answers that nobody has decided about, the earliest first."""
    submitted = Assignment.objects.filter(worker__study=study, status=Status.SUBMITTED)
    return submitted.order_by("submitted_at", "pk")


def _decide(assignment: Assignment, status: str, by: Actor, feedback: str) -> bool:
    feedback = " ".join(storable(feedback).split())
    if len(feedback) > MAX_CHARACTERS:
        raise ReasonTooLong(
            f"A worker reads at most {MAX_CHARACTERS} characters; these are {len(feedback)}."
        )
    with transaction.atomic():
        found = locked(assignment)
        if found.status not in Assignment.ANSWERED:
            raise NotAnswered(f"Assignment {found} is {found.status}: it has no answer to review.")
        before = (found.status, found.feedback)
        if before == (status, feedback):
            return False
        Assignment.objects.filter(pk=found.pk).update(
            status=status, feedback=feedback, decided_at=Now()
        )
        note(
            found.hit.hit_type.study,
            by,
            status,
            hit=found.hit,
            assignment=found,
            worker=found.worker,
            status=[before[0], status],
            feedback=[before[1], feedback],
        )
        _start_reviewing(found.hit_id)
    return True


def _start_reviewing(hit_id: int) -> None:
    """A HIT whose every place is answered is being reviewed from the first decision on."""
    refresh_status([hit_id])
    Hit.objects.filter(pk=hit_id, status=Hit.Status.REVIEWABLE).update(status=Hit.Status.REVIEWING)


def set_reviewing(hit: Hit, is_reviewing: bool) -> bool:
    """Say that somebody reviews a HIT, or no longer does. False if it has places unanswered."""
    states = (Hit.Status.REVIEWABLE, Hit.Status.REVIEWING)
    now = states[is_reviewing]
    return Hit.objects.filter(pk=hit.pk, status__in=states).update(status=now) == 1


def ask_again(hit: Hit, by: Actor) -> None:
    """Make room for one more answer, for instance after one was rejected.

    Raises:
        StillOpen: the HIT is disposed of.
    """
    with transaction.atomic():
        found = _locked_hit(hit)
        if found.status == Hit.Status.DISPOSED:
            raise StillOpen(f"HIT {found} was disposed of, so it takes no more answers.")
        places = found.places.count()
        add_places(found, 1)
        note(
            found.hit_type.study,
            by,
            "ask for another answer",
            hit=found,
            places=[places, places + 1],
        )


def dispose(hit: Hit, by: Actor) -> bool:
    """Withdraw a HIT for good; its answers stay. False if it was already.

    Raises:
        StillOpen: an answer waits for a decision, or somebody is at work on the HIT.
    """
    with transaction.atomic():
        found = _locked_hit(hit)
        if found.status == Hit.Status.DISPOSED:
            return False
        if waits := found.assignments.filter(status=Status.SUBMITTED).count():
            raise StillOpen(f"HIT {found} has {waits} answers to review; decide about them first.")
        if Place.objects.filter(hit=found, is_filled=False, leased_until__gte=Now()).exists():
            raise StillOpen(f"Somebody is at work on HIT {found}; please wait for the answer.")
        Hit.objects.filter(pk=found.pk).update(status=Hit.Status.DISPOSED)
        note(found.hit_type.study, by, "dispose", hit=found, status=[found.status, "disposed"])
    return True


def _locked_hit(hit: Hit) -> Hit:
    rows = Hit.objects.select_related("hit_type__study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=hit.pk)


def exclude(worker: Worker, why: str, by: Actor) -> bool:
    """Leave a worker's answers out of results. False if they are out for that reason already.

    Raises:
        ReasonMissing: why says nothing; a report must be able to tell.
        ReasonTooLong: it would have to be cut.
    """
    why = " ".join(storable(why).split())
    if not any(character.isalnum() for character in why):
        raise ReasonMissing("An exclusion needs a reason, which reports will show.")
    if len(why) > MAX_CHARACTERS:
        raise ReasonTooLong(
            f"A reason has at most {MAX_CHARACTERS} characters; these are {len(why)}."
        )
    with transaction.atomic():
        found = _locked(worker)
        before = found.excluded_why if found.excluded_at else None
        if before == why:
            return False
        Worker.objects.filter(pk=found.pk).update(
            excluded_at=found.excluded_at or now(), excluded_why=why
        )
        note(found.study, by, "exclude", worker=found, excluded_why=[before, why])
    return True


def include(worker: Worker, by: Actor) -> bool:
    """Count an excluded worker's answers again. False if they are counted."""
    with transaction.atomic():
        found = _locked(worker)
        if found.excluded_at is None:
            return False
        Worker.objects.filter(pk=found.pk).update(excluded_at=None, excluded_why="")
        note(found.study, by, "include", worker=found, excluded_why=[found.excluded_why, None])
    return True


def _locked(worker: Worker) -> Worker:
    rows = Worker.objects.select_related("study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=worker.pk)
