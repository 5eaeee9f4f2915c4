"""Top-ups: everybody is paid at least the study's minimum hourly rate over their own active time.

The time of a set is what the server can vouch for, at most MAX_TIMES the study's median. Sets that
the ledger pays for count, practice and parts of sets included. Bonuses come on top and count
toward nothing; the debriefing is paid by the minute by itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import ceil

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from annotator.models import Assignment, LedgerEntry, Study, Worker
from annotator.pay.ledger import Kind, owe
from annotator.pay.work_time import DEFAULT_MINUTES, measured_minutes, seconds_worked

MAX_TIMES = 3  # the study's median: a browser that was left open is not work
OF_TIME = (Kind.REWARD, Kind.PRACTICE, Kind.PART, Kind.TOP_UP)  # and corrections of answers


def owe_shortfalls(study: Study, worker: Worker | None = None) -> int:
    """Add what people lack to the minimum hourly pay to the ledger; returns the cents. Idempotent.

    Call it when a session ends, before payments are prepared, and from time to time.

    Args:
        worker: only this one; None is everybody in the study.
    """
    people = Worker.objects.filter(study=study, kind=Worker.Kind.PERSON)
    if worker is not None:
        people = people.filter(pk=worker.pk)
    if not study.min_hourly_cents:
        return 0
    longest = MAX_TIMES * 60 * (measured_minutes(study) or DEFAULT_MINUTES)
    short = _shortfalls(study, people, longest)
    return sum(_top_up(study, pk, longest) for pk in sorted(short))


def shortfall(paid_cents: int, seconds: float, min_hourly_cents: int) -> int:
    """Cents that pay lacks to the minimum hourly rate, rounded up; 0 if it lacks none.

    >>> shortfall(paid_cents=40, seconds=360, min_hourly_cents=800)
    40
    """
    least = ceil(round(min_hourly_cents * seconds / 3600, 6))  # .1 + .2 is not a cent more than .3
    return max(0, least - paid_cents)


def _shortfalls(study: Study, people: QuerySet[Worker], longest: float) -> dict[int, int]:
    """Cents that people lack, by the primary key of the worker; who lacks none is left out."""
    times: dict[int, float] = defaultdict(float)
    for pk, seconds in _times(people):
        times[pk] += min(seconds, longest)
    of_answers = Q(kind=Kind.CORRECTION, assignment__isnull=False)
    entries = LedgerEntry.objects.filter(Q(kind__in=OF_TIME) | of_answers, worker__in=people)
    paid = dict(entries.order_by().values_list("worker").annotate(Sum("cents")))
    lacking = {
        pk: shortfall(paid.get(pk, 0), seconds, study.min_hourly_cents)
        for pk, seconds in times.items()
    }
    return {pk: cents for pk, cents in lacking.items() if cents}


def _times(people: QuerySet[Worker]) -> Iterable[tuple[int, float]]:
    """Yields (worker, seconds) for each set that is paid, or was stopped and is paid in part."""
    parts = LedgerEntry.objects.filter(assignment=OuterRef("pk"), kind=Kind.PART)
    rows = Assignment.objects.filter(
        Q(status__in=Assignment.PAID, submitted_at__isnull=False) | Exists(parts),
        worker__in=people,
    )
    columns = ("worker", "trace__active_seconds", "accepted_at", "submitted_at", "trace__saved_at")
    for pk, active, accepted_at, submitted_at, saved_at in rows.values_list(*columns):
        # A set that was stopped ended when its page last reported.
        yield pk, seconds_worked(active, accepted_at, submitted_at or saved_at) or 0.0


def _top_up(study: Study, pk: int, longest: float) -> int:
    """Top up one worker, who is locked so that two requests at once do it once."""
    with transaction.atomic():
        worker = Worker.objects.select_for_update(no_key=True).get(pk=pk)
        lacking = _shortfalls(study, Worker.objects.filter(pk=pk), longest).get(pk, 0)
        if lacking:
            number = worker.ledger.filter(kind=Kind.TOP_UP).count() + 1
            words = "the difference to the minimum hourly pay"
            owe(worker, Kind.TOP_UP, lacking, f"top-up {worker.pk} {number}", words)
    return lacking
