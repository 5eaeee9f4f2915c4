"""Stopping: a worker ends a session, is paid for what was begun, and is told what it was about."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.access.sessions import current_session, end_session, sets_done
from annotator.crowd.scheduling.leases import give_back
from annotator.models import Assignment, ConsentGiven, LedgerEntry, Outcome, Trace, Worker
from annotator.pay.debriefing import PART_SECONDS, part_cents
from annotator.pay.ledger import owe
from annotator.pay.work_time import seconds_worked

Kind = LedgerEntry.Kind


def stop(worker: Worker) -> None:
    """End a worker's session: the set in hand goes back, and what stopping pays is owed.

    Idempotent. A part of one begun set is owed once a worker, if they worked on it for a while;
    the debriefing once a worker who submitted a set under a text that promises it. So neither
    stopping again and again nor entering without work pays anything.
    """
    with transaction.atomic():
        worker = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        for assignment in worker.assignments.filter(status__in=Assignment.OPEN).order_by("pk"):
            _owe_part(worker, assignment)
            give_back(assignment, "stopped")
        _owe_debriefing(worker)
        session = current_session(worker)
        if session and not session.outcome:
            has_all = sets_done(session) >= session.set_count
            end_session(session, Outcome.COMPLETED if has_all else Outcome.STOPPED)


def _owe_part(worker: Worker, assignment: Assignment) -> None:
    if LedgerEntry.objects.filter(worker=worker, kind=Kind.PART).exists():
        return
    traced = Trace.objects.filter(assignment=assignment).values_list("active_seconds", flat=True)
    row = Assignment.objects.filter(pk=assignment.pk).annotate(now=Now()).get()
    worked = seconds_worked(traced.first(), row.accepted_at, row.now) or 0
    if worked >= PART_SECONDS:
        words = _("Part of a set that you began")
        owe(worker, Kind.PART, part_cents(assignment), f"part {worker.key}", words, assignment)


def _owe_debriefing(worker: Worker) -> None:
    """Owe the debriefing as the newest text that the worker agreed to says it."""
    has_worked = worker.assignments.filter(status__in=Assignment.ANSWERED).exists()
    given = ConsentGiven.objects.filter(worker=worker).order_by("-consent__version")
    cents = given.values_list("consent__debriefing_cents", flat=True).first()
    is_owed = LedgerEntry.objects.filter(worker=worker, kind=Kind.DEBRIEFING).exists()
    if has_worked and cents and not is_owed:
        words = _("Reading what the study was about")
        owe(worker, Kind.DEBRIEFING, cents, f"debriefing {worker.key}", words)
