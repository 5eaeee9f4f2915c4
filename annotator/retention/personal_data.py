"""Deleting what can name a worker. What they judged stays, and so do the study's statistics.

The rule: everything goes by which a person could be found, everything that they wrote besides the
names of concepts, and what was logged while they worked. The answers stay, with their times and
decisions, and what was paid for them: they name nobody. Answers themselves go by `withdrawal`.
"""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from annotator.crowd.access.worker_details import delete_number
from annotator.crowd.answers.stopping import stop
from annotator.crowd.audit import Actor, note
from annotator.models import (
    Answer,
    Assignment,
    AuditRow,
    ClosingAnswer,
    Draft,
    Membership,
    Participant,
    ProposedRejection,
    Role,
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
    """Empty what traces of some assignments hold besides the seconds; returns how many did."""
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
