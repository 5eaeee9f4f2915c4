"""Rejections, which nothing and nobody decides alone, and approvals after the promised time.

A rejection needs a failed explicit check or no work at all, a reason, two reviewers, and REPLY_DAYS
in which the worker can reply. Until it is confirmed the answer is paid like any other. What is not
confirmed after LAPSE_DAYS lapses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import RejectionRefused
from annotator.crowd.reasons import tidy_reason
from annotator.crowd.review.decisions import (
    NO_REASON_TO_REJECT,
    reject,
)
from annotator.free_text import tidy
from annotator.models import (
    Assignment,
    MarketSession,
    Outcome,
    ProposedRejection,
    Study,
)
from annotator.models.reviews import REPLY_DAYS

NO_WORK_SECONDS = 10  # from accepting to submitting; nobody looks at a page of pictures in less
MAX_REPLY_CHARACTERS = 1000
PROPOSED = "rejection proposed"  # the action of its audit row


def grounds(assignment: Assignment) -> str:
    """The reason for which the rules allow to reject an answer, in words; empty if none does."""
    checks = MarketSession.objects.filter(
        participant__worker=assignment.worker_id, outcome=Outcome.FAILED_CHECKS
    )
    if checks.exists():
        return "its worker failed two explicit attention checks"
    if assignment.submitted_at is None:
        return ""
    passed = (assignment.submitted_at - assignment.accepted_at).total_seconds()
    if passed < NO_WORK_SECONDS:
        return f"no work at all: it was submitted {passed:.0f} s after it was accepted"
    trace = getattr(assignment, "trace", None)
    if trace and trace.parts and not trace.seen_ms and trace.active_seconds < NO_WORK_SECONDS:
        return "no work at all: its page reported, and no picture was ever in view"
    return ""


def propose_all(assignments: Iterable[Assignment], reason: str, by: Actor) -> int:
    """Propose to reject several answers, all or none; returns how many proposals are new.

    Raises:
        RejectionRefused: an answer is decided, or the rules do not allow to reject it.
        ReasonMissing, ReasonTooLong: as `tidy_reason`.
    """
    reason = tidy_reason(reason, NO_REASON_TO_REJECT)
    with transaction.atomic():
        return sum(_propose(assignment.pk, reason, by) for assignment in list(assignments))


def _propose(pk: int, reason: str, by: Actor) -> bool:
    assignment = _locked(pk)
    if assignment.status != Assignment.Status.SUBMITTED:
        raise RejectionRefused(
            _(
                "Assignment %(assignment)s is %(status)s, and only an answer that waits for "
                "a decision can be rejected. Soft-reject it to leave it out of the results."
            )
            % {"assignment": assignment, "status": assignment.status}
        )
    allowed_by = grounds(assignment)
    if not allowed_by:
        raise RejectionRefused(
            _(
                "Assignment %(assignment)s has work in it and its worker failed no explicit "
                "check, so it cannot be rejected. Soft-reject it: it is paid, and left out "
                "of the results."
            )
            % {"assignment": assignment}
        )
    if assignment.proposed_rejections.filter(closed_at__isnull=True).exists():
        return False
    ProposedRejection.objects.create(
        assignment=assignment,
        reason=reason,
        grounds=allowed_by,
        proposed_by=by.account,
        proposed_by_name=by.name[:150],
    )
    about = {"hit": assignment.hit, "assignment": assignment, "worker": assignment.worker}
    study = assignment.worker.study
    note(study, by, PROPOSED, **about, reason=reason, grounds=allowed_by)
    return True


def confirm(proposal: ProposedRejection, by: Actor) -> None:
    """Confirm a proposed rejection: the answer is neither paid nor counted from now on.

    Raises:
        RejectionRefused: it is closed, the worker may still reply, or the reviewer has no account
            or is the one who proposed it.
    """
    with transaction.atomic():
        assignment = _locked(proposal.assignment_id)
        proposal = ProposedRejection.objects.get(pk=proposal.pk)
        if proposal.closed_at is not None or assignment.status != Assignment.Status.SUBMITTED:
            raise RejectionRefused(_("This rejection is not open any more."))
        if by.account is None:
            raise RejectionRefused(_("A rejection is confirmed with an account: sign in first."))
        if by.account.pk == proposal.proposed_by_id:
            raise RejectionRefused(_("You proposed this rejection; another reviewer confirms it."))
        if not _of(assignment).filter(proposed_at__lte=Now() - timedelta(days=REPLY_DAYS)):
            until = proposal.reply_until.strftime("%Y-%m-%d %H:%M")
            raise RejectionRefused(
                _("The worker may reply until %(until)s UTC. Confirm it then.") % {"until": until}
            )
        _of(assignment).update(closed_at=Now(), outcome=ProposedRejection.Outcome.CONFIRMED)
        reject(assignment, by, proposal.reason)


def reply(assignment: Assignment, text: str) -> None:
    """Keep a worker's reply to the proposal to reject an answer; a later one replaces it.

    Raises:
        RejectionRefused: the reply is empty or too long, or there is no open proposal.
    """
    text = tidy(text)
    if not text or len(text) > MAX_REPLY_CHARACTERS:
        raise RejectionRefused(
            _("A reply has 1 to %(max_reply_characters)s characters.")
            % {"max_reply_characters": MAX_REPLY_CHARACTERS}
        )
    if not _of(assignment).update(reply=text, replied_at=Now()):
        raise RejectionRefused(_("The proposal to reject this set is closed: it takes no reply."))


def withdraw(proposal: ProposedRejection, by: Actor) -> bool:
    """Withdraw a proposed rejection; the answer waits as before. False if it was closed."""
    with transaction.atomic():
        assignment = _locked(proposal.assignment_id)
        if not ProposedRejection.withdraw_open([assignment.pk]):
            return False
        about = {"hit": assignment.hit, "assignment": assignment, "worker": assignment.worker}
        note(assignment.worker.study, by, "rejection withdrawn", **about)
    return True


@dataclass(frozen=True)
class RejectionCounts:
    """How many rejections of a study are open, had a reply, were confirmed, or came to nothing."""

    open: int
    replied: int
    confirmed: int
    closed: int


def rejection_counts(study: Study) -> RejectionCounts:
    """Count the proposed rejections of a study, in one query."""
    is_open, confirmed = Q(closed_at__isnull=True), Q(outcome=ProposedRejection.Outcome.CONFIRMED)
    rows = ProposedRejection.objects.filter(assignment__worker__study=study)
    counts = rows.aggregate(
        open=Count("pk", filter=is_open),
        replied=Count("pk", filter=~Q(reply="")),
        confirmed=Count("pk", filter=confirmed),
        closed=Count("pk", filter=~is_open & ~confirmed),
    )
    return RejectionCounts(**counts)


def _of(assignment: Assignment) -> QuerySet[ProposedRejection]:
    """The open proposal about an answer, as a query of at most one row."""
    return assignment.proposed_rejections.filter(closed_at__isnull=True)


def _locked(pk: int) -> Assignment:
    rows = Assignment.objects.select_related("worker__study", "hit", "trace")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)
