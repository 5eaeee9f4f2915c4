"""Earnings: what a worker has done, what was decided about it, and what is owed and paid for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from annotator.models import Assignment, LedgerEntry, Worker
from annotator.pay.work_time import seconds_worked

Status = Assignment.Status
State = LedgerEntry.State


@dataclass(frozen=True)
class Feedback:
    """What a reviewer wrote to the worker about one answer."""

    given_at: datetime | None
    concept: str
    is_rejected: bool
    text: str


@dataclass(frozen=True)
class PaidSet:
    """One set of a worker, and what the ledger has for it.

    Attributes:
        cents: its reward and the corrections of it.
        state: of the payment: `owed` until all of it is sent, then `sent`, then `confirmed`.
    """

    assignment: Assignment
    cents: int
    state: str


@dataclass(frozen=True)
class Earnings:
    """Counts of answers, and cents. The amounts are the ledger's.

    Attributes:
        accepted: approved or soft-rejected. The worker learns only whether an answer is paid.
        waiting: not decided yet. Nothing is rejected automatically.
        total_cents: everything that the ledger has for the worker; paid, sent or owed.
        hourly_cents: the median pay of an hour so far; None before the first answer.
        sets: the newest first; with those that were skipped and pay nothing.
        others: entries that are for no set, the newest first: bonuses, top-ups, the debriefing.
    """

    done: int
    accepted: int
    waiting: int
    rejected: int
    returned: int
    total_cents: int
    paid_cents: int
    sent_cents: int
    bonus_cents: int
    hourly_cents: int | None
    sets: list[PaidSet]
    others: list[LedgerEntry]
    feedback: list[Feedback]

    @property
    def owed_cents(self) -> int:
        return self.total_cents - self.paid_cents - self.sent_cents


def earnings_of(worker: Worker) -> Earnings:
    """What a worker has earned, in two queries."""
    rows = list(
        worker.assignments.exclude(status__in=Assignment.OPEN)
        .select_related("hit__hit_type", "trace", "answer")
        .order_by("-submitted_at", "-pk")
    )
    entries = list(LedgerEntry.objects.filter(worker=worker).order_by("-pk"))
    answered = [row for row in rows if row.status != Status.RETURNED]
    return Earnings(
        done=len(answered),
        accepted=sum(row.status in (Status.APPROVED, Status.SOFT_REJECTED) for row in answered),
        waiting=sum(row.status == Status.SUBMITTED for row in answered),
        rejected=sum(row.status == Status.REJECTED for row in answered),
        returned=len(rows) - len(answered),
        total_cents=_cents(entries),
        paid_cents=_cents(one for one in entries if one.state == State.CONFIRMED),
        sent_cents=_cents(one for one in entries if one.state == State.SENT),
        bonus_cents=_cents(one for one in entries if one.kind == LedgerEntry.Kind.BONUS),
        hourly_cents=_hourly(answered),
        sets=_paid_sets(rows, entries),
        others=[one for one in entries if not _is_of_a_set(one)],
        feedback=[_feedback(row) for row in answered if row.feedback],
    )


def _cents(entries: Iterable[LedgerEntry]) -> int:
    return sum(entry.cents for entry in entries)


def _is_of_a_set(entry: LedgerEntry) -> bool:
    """Whether an entry is the pay of a set; a bonus for a set is not."""
    return entry.assignment_id is not None and entry.kind != LedgerEntry.Kind.BONUS


def _paid_sets(rows: Iterable[Assignment], entries: Iterable[LedgerEntry]) -> list[PaidSet]:
    of_sets: dict[int | None, list[LedgerEntry]] = defaultdict(list)
    for entry in filter(_is_of_a_set, entries):
        of_sets[entry.assignment_id].append(entry)
    return [PaidSet(row, _cents(of_sets[row.pk]), _state(of_sets[row.pk])) for row in rows]


def _state(entries: list[LedgerEntry]) -> str:
    """The state of a set's payment: that of the entry that is furthest from being paid."""
    states = {entry.state for entry in entries}
    if not entries or states & set(LedgerEntry.UNPAID):
        return State.OWED
    return State.SENT if State.SENT in states else State.CONFIRMED


def _hourly(answered: list[Assignment]) -> int | None:
    """The median, over paid answers, of what an hour at that pace would have paid."""
    rates = [
        row.hit.hit_type.reward_cents * 3600 / seconds
        for row in answered
        if row.status in Assignment.PAID and (seconds := _seconds(row))
    ]
    return round(median(rates)) if rates else None


def _seconds(row: Assignment) -> float | None:
    trace = getattr(row, "trace", None)
    return seconds_worked(trace and trace.active_seconds, row.accepted_at, row.submitted_at)


def _feedback(row: Assignment) -> Feedback:
    answer = getattr(row, "answer", None)
    return Feedback(
        given_at=row.submitted_at,
        concept=answer.concept if answer else "",
        is_rejected=row.status == Status.REJECTED,
        text=row.feedback,
    )
