"""Deleting what can name a worker. What they judged stays, and so do the study's statistics.

The rule: everything goes by which a person could be found, everything that they wrote besides the
names of concepts, and what was logged while they worked. The answers stay, with their times and
decisions, and what was paid for them: they name nobody. Answers themselves go by `withdrawal`.

Numbers at a market are deleted once nobody needs them to pay or to take answers back.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat, Now

from annotator.crowd.answers.stopping import stop
from annotator.crowd.audit import COMMAND, Actor, note
from annotator.models import (
    Answer,
    Assignment,
    AuditRow,
    ClosingAnswer,
    Draft,
    LedgerEntry,
    MarketSession,
    Membership,
    Participant,
    ProposedRejection,
    Role,
    Study,
    Trace,
    Worker,
    WorkerDetails,
)
from annotator.results.output.snapshots import lifecycle

BY_WORKER = Actor("an annotator")  # the audit row names the worker, and nobody else
SOMEBODY = "somebody"  # in the audit trail, in place of an account that is gone
# Of a trace, what is more than the seconds at work: those stay, as the pay depends on them.
EMPTIED_TRACE = {
    **dict.fromkeys(("seen_ms",), {}),
    **dict.fromkeys(("mark_order", "views", "parts"), []),
    **dict.fromkeys(("paste_count", "focus_lost_count"), 0),
}
DELETED = "deleted "  # in place of a number; no market's number has a space


def delete_worker_data(worker: Worker, by: Actor = BY_WORKER) -> bool:
    """Delete what can name a worker, and the reports that hold some of it. Idempotent.

    Returns:
        Whether nothing is left; False while their number at a market is needed to pay them.
    """
    with transaction.atomic():
        is_all = delete_personal_data(worker, by)
        lifecycle.delete_all(worker.study)
    return is_all


def delete_personal_data(worker: Worker, by: Actor = BY_WORKER) -> bool:
    """Delete what can name a worker, by the rule above. Idempotent.

    A set in hand goes back, as if they stopped. Stored reports stay for the caller to delete.

    Returns:
        Whether nothing is left. The number at a market stays until its payments are confirmed,
        and goes by itself then.
    """
    with transaction.atomic():
        stop(worker)
        worker = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        empty_messages(worker.assignments.all())
        empty_traces(worker.assignments.all())
        for model in (ClosingAnswer, WorkerDetails):
            model.objects.filter(worker=worker).delete()
        account = worker.user
        is_personal = bool(worker.invitation and worker.invitation.is_personal)
        Worker.objects.filter(pk=worker.pk).update(
            user=None, browser="", invitation=None if is_personal else worker.invitation
        )
        if account is not None:
            _leave(worker, account)
        participant = Participant.objects.filter(worker=worker).first()
        is_all = participant is None or delete_number(participant)
        note(worker.study, by, "personal data deleted", worker=worker)
    return is_all


def empty_messages(assignments: QuerySet[Assignment]) -> int:
    """Empty remarks, reasons, feedback and replies of some assignments, and delete their drafts.

    Returns:
        How many assignments had any.
    """
    Draft.objects.filter(assignment__in=assignments).delete()
    ProposedRejection.objects.filter(assignment__in=assignments).exclude(reply="").update(reply="")
    with_remark = Answer.objects.filter(assignment__in=assignments).exclude(remark="")
    count = with_remark.update(remark="")
    for column in ("return_reason", "feedback"):
        count += assignments.exclude(**{column: ""}).update(**{column: ""})
    return count


def empty_traces(assignments: QuerySet[Assignment]) -> int:
    """Empty the personal data in traces, all but the seconds; returns how many had some."""
    rows = Trace.objects.filter(assignment__in=assignments)
    return rows.exclude(**EMPTIED_TRACE).update(**EMPTIED_TRACE)


def _leave(worker: Worker, account) -> None:
    """Take the role from a worker's account, and delete an account that has nothing else."""
    Membership.objects.filter(user=account, study=worker.study, role=Role.ANNOTATOR).delete()
    has_more = (
        account.is_staff
        or Membership.objects.filter(user=account).exists()
        or Worker.objects.filter(user=account).exists()
    )
    if not has_more:
        AuditRow.objects.filter(actor=account).update(actor_name=SOMEBODY)
        get_user_model().objects.filter(pk=account.pk).delete()


def may_delete(study: Study) -> bool:
    """Whether personal data may go: payments are confirmed, and no answers can be taken back."""
    unconfirmed = LedgerEntry.objects.filter(study=study).exclude(state=LedgerEntry.State.CONFIRMED)
    sessions = MarketSession.objects.filter(participant__study=study)
    latest_end = Now() - timedelta(days=study.withdrawal_days)
    needed = sessions.exclude(outcome="", ended_at__isnull=True).filter(ended_at__gte=latest_end)
    is_open = sessions.filter(outcome="").exists()
    return not (is_open or needed.exists() or unconfirmed.exists())


def delete_numbers(study: Study, by: Actor = COMMAND) -> int:
    """Delete the numbers of a study's participants and submissions, if they may go. Idempotent.

    Returns:
        How many people's were deleted; 0 while they are needed.
    """
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        people = Participant.objects.filter(study=study).exclude(number__startswith=DELETED)
        if not people.exists() or not may_delete(study):
            return 0
        gone = Concat(Value(DELETED), Cast("pk", CharField()))
        MarketSession.objects.filter(participant__in=people).update(number=gone)
        count = people.update(number=gone)
        note(study, by, "market numbers deleted", count=count)
    return count


def delete_number(participant: Participant) -> bool:
    """Delete one person's number, if all their payments are confirmed. Idempotent.

    Returns:
        Whether it is gone. Otherwise `delete_numbers` deletes it with the study's others.
    """
    ledger = LedgerEntry.objects.filter(worker=participant.worker)
    is_open = participant.sessions.filter(outcome="").exists()
    if is_open or ledger.exclude(state=LedgerEntry.State.CONFIRMED).exists():
        return participant.number.startswith(DELETED)
    replace_number(participant)
    return True


def replace_number(participant: Participant) -> bool:
    """Put another in place of a person's number and of their submissions'. False if it was."""
    if participant.number.startswith(DELETED):
        return False
    number = f"{DELETED}{participant.pk}"
    for session in participant.sessions.order_by("pk"):  # a person's sessions have numbers apart
        session.number = f"{number} {session.pk}"
        session.save(update_fields=["number"])
    Participant.objects.filter(pk=participant.pk).update(number=number)
    return True
