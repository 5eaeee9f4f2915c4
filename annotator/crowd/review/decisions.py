"""Decisions of reviewers: approve, soft-reject, reject, ask for another answer, dispose, exclude.

Nothing is rejected automatically, nor by one reviewer (`review.rejections`). Every decision can be
changed, and each leaves an audit row. None opens a place again: that is a step of its own,
`ask_again`.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotator.crowd.audit import Actor, audit_row, note
from annotator.crowd.errors import NotAnswered, StillOpen
from annotator.crowd.reasons import tidy_reason
from annotator.crowd.review.looks import has_opened_words_of, opened_hits
from annotator.crowd.scheduling.leases import refresh_status
from annotator.crowd.scheduling.redundancy import add_places
from annotator.models import Assignment, AuditRow, Hit, Place, ProposedRejection, Worker
from annotator.pay.ledger import correct_rewards

Status = Assignment.Status
MAX_DECIDED = 500  # answers in one transaction
NOT_BLIND = {"blind": False}  # of an audit row: the words were open to whoever decided
NO_REASON_TO_REJECT = gettext_noop("A rejection needs a reason, which the worker will read.")
NO_REASON_TO_EXCLUDE = gettext_noop("An exclusion needs a reason, which reports will show.")


def approve(assignment: Assignment, by: Actor, feedback: str = "") -> bool:
    """Decide to accept an answer: it is paid and counted. False if that was decided before.

    Raises:
        NotAnswered: the assignment has no answer.
        ReasonTooLong: the feedback would have to be cut.
    """
    return decide_all([assignment], "approve", by, feedback) == 1


def soft_reject(assignment: Assignment, by: Actor, feedback: str = "") -> bool:
    """Decide to pay an answer but exclude it from results. Returns and raises as `approve`."""
    return decide_all([assignment], "soft-reject", by, feedback) == 1


def reject(assignment: Assignment, by: Actor, feedback: str) -> bool:
    """Decide to neither pay nor count an answer, for a reason that its worker reads.

    Only `rejections.confirm` calls it, after everything that a rejection needs.

    Raises:
        NotAnswered: the assignment has no answer.
        ReasonMissing, ReasonTooLong: as `tidy_reason`.
    """
    return decide_all([assignment], "reject", by, feedback) == 1


# A decision: the status that it gives, and why it needs a reason.
DECISIONS = {
    "approve": (Status.APPROVED, ""),
    "soft-reject": (Status.SOFT_REJECTED, ""),
    "reject": (Status.REJECTED, NO_REASON_TO_REJECT),
}


def decide_all(
    assignments: Iterable[Assignment], decision: str, by: Actor, feedback: str = ""
) -> int:
    """Make one review decision about several answers; returns how many it changed.

    All of at most MAX_DECIDED answers are decided in one transaction, more of them in several, so
    that annotators never wait long for a lock; an interrupted call can be repeated.

    Raises:
        NotAnswered, ReasonMissing, ReasonTooLong: as `reject`.
    """
    status, required_by = DECISIONS[decision]
    feedback = tidy_reason(feedback, required_by)
    pks = sorted(assignment.pk for assignment in assignments)
    starts = range(0, len(pks), MAX_DECIDED)
    return sum(_decide(pks[at : at + MAX_DECIDED], status, by, feedback) for at in starts)


def _decide(pks: Sequence[int], status: str, by: Actor, feedback: str) -> int:
    """Decide about some answers in one transaction; returns how many that changed."""
    with transaction.atomic():
        answers = _locked_answers(pks)
        changed = [each for each in answers if (each.status, each.feedback) != (status, feedback)]
        opened = opened_hits({each.hit_id for each in changed}, by)
        Assignment.objects.filter(pk__in=[each.pk for each in changed]).update(
            status=status,
            feedback=feedback,
            decided_at=Now(),
            decided_opened=Q(hit__in=opened) if opened else False,
        )
        AuditRow.objects.bulk_create(
            audit_row(
                each.hit.hit_type.study,
                by,
                status,
                hit=each.hit,
                assignment=each,
                worker=each.worker,
                status=[each.status, status],
                feedback=[each.feedback, feedback],
                **NOT_BLIND if each.hit_id in opened else {},
            )
            for each in changed
        )
        ProposedRejection.withdraw_open(each.pk for each in changed)
        is_paid = status in Assignment.PAID
        crossing = [each for each in changed if (each.status in Assignment.PAID) != is_paid]
        if crossing:
            correct_rewards(crossing, is_paid)
        # From the first decision on, a HIT whose every place is answered is being reviewed.
        hits = sorted({each.hit_id for each in changed})
        refresh_status(hits)
        set_reviewing(hits, True)
    return len(changed)


def _locked_answers(pks: Sequence[int]) -> list[Assignment]:
    """Assignments with an answer, locked, with their worker, HIT and study."""
    rows = Assignment.objects.filter(pk__in=pks).order_by("pk")
    rows = rows.select_related("hit__hit_type__study", "worker")
    answers = list(rows.select_for_update(of=("self",), no_key=True))
    for answer in answers:
        if answer.status not in Assignment.ANSWERED:
            raise NotAnswered(
                _("Assignment %(answer)s is %(status)s: it has no answer to review.")
                % {"answer": answer, "status": answer.status}
            )
    return answers


def set_reviewing(hits: Iterable[int], is_reviewing: bool) -> int:
    """Say that HITs wait for a reviewer's decisions, or that somebody decides; returns how many."""
    statuses = (Hit.Status.REVIEWABLE, Hit.Status.REVIEWING)
    rows = Hit.objects.filter(pk__in=hits, status__in=statuses)
    return rows.update(status=statuses[is_reviewing])


def ask_again(hit: Hit, by: Actor) -> None:
    """A reviewer's decision to ask for one more answer to a HIT, as after a rejected one.

    Raises:
        StillOpen: the HIT is disposed of.
    """
    with transaction.atomic():
        hit = _locked_hit(hit)
        if hit.status == Hit.Status.DISPOSED:
            raise StillOpen(
                _("HIT %(hit)s was withdrawn, so it takes no more answers.") % {"hit": hit}
            )
        count = hit.places.count()
        add_places(hit, 1)
        study = hit.hit_type.study
        note(study, by, "ask for another answer", hit=hit, places=[count, count + 1])


def dispose(hit: Hit, by: Actor) -> bool:
    """Decide to withdraw a HIT for good; its answers stay. False if it was withdrawn before.

    Raises:
        StillOpen: an answer waits for a decision, or somebody is working on the HIT.
    """
    with transaction.atomic():
        hit = _locked_hit(hit)
        if hit.status == Hit.Status.DISPOSED:
            return False
        if waits := hit.assignments.filter(status=Status.SUBMITTED).count():
            raise StillOpen(
                _("HIT %(hit)s has %(waits)s answers to review; decide about them first.")
                % {"hit": hit, "waits": waits}
            )
        if Place.objects.filter(hit=hit, is_filled=False, leased_until__gte=Now()).exists():
            raise StillOpen(
                _("Somebody is at work on HIT %(hit)s; please wait for the answer.") % {"hit": hit}
            )
        Hit.objects.filter(pk=hit.pk).update(status=Hit.Status.DISPOSED)
        note(hit.hit_type.study, by, "dispose", hit=hit, status=[hit.status, "disposed"])
    return True


def _locked_hit(hit: Hit) -> Hit:
    rows = Hit.objects.select_related("hit_type__study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=hit.pk)


def exclude(worker: Worker, why: str, by: Actor) -> bool:
    """Decide to exclude a worker's answers from results. False if they are, for this reason.

    The answers are kept, and paid as before. An exclusion should be decided without knowing the
    worker's concepts and marks: after an opening it is not blind, and reports count it apart.

    Raises:
        ReasonMissing, ReasonTooLong: as `tidy_reason`; reports show the reason.
    """
    why = tidy_reason(why, NO_REASON_TO_EXCLUDE)
    with transaction.atomic():
        worker = _locked_worker(worker)
        before = worker.excluded_why if worker.excluded_at else None
        if before == why:
            return False
        is_opened = has_opened_words_of(worker, by)
        Worker.objects.filter(pk=worker.pk).update(
            excluded_at=worker.excluded_at or now(), excluded_why=why, excluded_opened=is_opened
        )
        blind = NOT_BLIND if is_opened else {}
        note(worker.study, by, "exclude", worker=worker, excluded_why=[before, why], **blind)
    return True


def include(worker: Worker, by: Actor) -> bool:
    """Decide to count an excluded worker's answers again. False if they are counted."""
    with transaction.atomic():
        worker = _locked_worker(worker)
        if worker.excluded_at is None:
            return False
        Worker.objects.filter(pk=worker.pk).update(
            excluded_at=None, excluded_why="", excluded_opened=False
        )
        note(worker.study, by, "include", worker=worker, excluded_why=[worker.excluded_why, None])
    return True


def _locked_worker(worker: Worker) -> Worker:
    rows = Worker.objects.select_related("study")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=worker.pk)
