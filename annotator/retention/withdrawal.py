"""Withdrawal: people take their answers back until a stated date, and keep their pay.

What they entered and what was logged meanwhile is deleted; that a set was done, and the ledger,
stay. The stored reports that were made of the answers are deleted too.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext as _

from annotator.crowd.audit import note
from annotator.crowd.errors import TooLate
from annotator.crowd.scheduling.leases import refresh_status
from annotator.models import (
    Answer,
    AnswerReview,
    Assignment,
    Attempt,
    ClosingAnswer,
    ConsentGiven,
    Draft,
    PictureReport,
    Place,
    ProposedRejection,
    Study,
    StudyReview,
    Trace,
    Worker,
    WorkerDetails,
    WorkerReview,
)
from annotator.pay.top_up import owe_shortfalls
from annotator.results.output.snapshots import lifecycle
from annotator.retention.personal_data import BY_WORKER

EMPTIED = {"country": "", "language": "", "age_band": "", "device": ""}


def withdrawable_until(worker: Worker) -> datetime | None:
    """Until when a worker may take answers back; None for who has none.

    The days are the most that any text says that they agreed to, counted from the last answer.
    """
    answered = worker.assignments.filter(status__in=Assignment.ANSWERED)
    last = answered.aggregate(last=Max("submitted_at"))["last"]
    if last is None:
        return None
    given = ConsentGiven.objects.filter(worker=worker, consent__fields__isnull=False)
    fields = given.values_list("consent__fields", flat=True)
    days = max([worker.study.withdrawal_days, *(each["withdrawal_days"] for each in fields)])
    return last + timedelta(days=days)


def take_answers_back(worker: Worker) -> int:
    """Take a worker's answers back, and delete the reports that held them. Idempotent.

    Celery's workers make each kind of report again, as a new version.

    Returns:
        How many answers were taken back.

    Raises:
        TooLate: the date until which that is possible is over.
    """
    with transaction.atomic():
        count = withdraw(worker)
        if count:
            lifecycle.delete_all(worker.study)
    return count


def withdraw(worker: Worker) -> int:
    """Withdraw a worker's answers: delete them, and all that was logged of them. Idempotent.

    Their places are free again, and their rewards stay.

    Returns:
        How many answers there were.

    Raises:
        TooLate: the date until which that is possible is over.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=worker.study_id)
        until = withdrawable_until(worker)
        if until is not None and until < now():
            raise TooLate(_("The date until which answers could be taken back is over."))
        owe_shortfalls(study, worker)  # while the times are known; it locks the worker first
        rows = list(worker.assignments.select_for_update(of=("self",)).order_by("pk"))
        if not rows:
            return 0
        count = _free_places(rows)
        _delete_what_was_logged(worker)
        _forget(worker, rows)
        refresh_status(sorted({row.hit_id for row in rows}))
        if count:
            Study.objects.filter(pk=study.pk).update(withdrawal_count=F("withdrawal_count") + 1)
            note(study, BY_WORKER, "answers taken back", worker=worker, answers=count)
    return count


def _free_places(rows: list[Assignment]) -> int:
    """Free the places that the answers of some assignments fill; returns how many answers."""
    answers = Answer.objects.filter(assignment__in=rows)
    filled = answers.filter(is_surplus=False).values("assignment__place")
    Place.objects.filter(pk__in=filled).update(is_filled=False, leased_until=None)
    held = [row for row in rows if row.status in Assignment.OPEN]
    for row in held:
        own = Place.objects.filter(pk=row.place_id, claim_number=row.claim_number)
        own.filter(is_filled=False).update(leased_until=None)
    return answers.count()


def _delete_what_was_logged(worker: Worker) -> None:
    """Delete everything that hangs on a worker's assignments, and what they said of themselves."""
    Answer.objects.filter(assignment__worker=worker).delete()  # with its marks
    for model in (Draft, Trace, Attempt, PictureReport, AnswerReview):
        model.objects.filter(assignment__worker=worker).delete()
    for model in (WorkerReview, ClosingAnswer):
        model.objects.filter(worker=worker).delete()
    proposals = ProposedRejection.objects.filter(assignment__worker=worker)
    proposals.filter(closed_at__isnull=True).delete()
    proposals.update(reply="")
    # The hash of a market's number stays: by it somebody who comes back is the same worker.
    WorkerDetails.objects.filter(worker=worker).update(**EMPTIED)
    StudyReview.objects.filter(study=worker.study_id).delete()


def _forget(worker: Worker, rows: list[Assignment]) -> None:
    """Mark answered sets as taken back, and empty the messages."""
    own = Assignment.objects.filter(pk__in=[row.pk for row in rows])
    own.filter(status__in=Assignment.OPEN).update(status=Assignment.Status.RETURNED)
    own.filter(status__in=Assignment.ANSWERED).update(
        status=Assignment.Status.WITHDRAWN, decided_at=Now()
    )
    own.update(return_reason="", feedback="")
