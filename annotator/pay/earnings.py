"""Earnings: what a worker has done, what was decided about it, and what it pays."""

from dataclasses import dataclass
from statistics import median

from annotator.models import Assignment, Bonus, Worker
from annotator.pay.work_time import seconds_worked

Status = Assignment.Status


@dataclass(frozen=True)
class Feedback:
    """What a reviewer wrote to the worker about one answer."""

    given_at: object
    concept: str
    is_rejected: bool
    text: str


@dataclass(frozen=True)
class Earnings:
    """Counts of answers, and cents.

    Attributes:
        accepted: approved or soft-rejected. The worker learns only whether an answer is paid.
        waiting: not decided yet. Nothing is rejected automatically.
        cents: rewards of waiting and accepted answers, without bonuses.
        hourly_cents: the median pay of an hour so far; None before the first answer.
    """

    done: int
    accepted: int
    waiting: int
    rejected: int
    returned: int
    cents: int
    bonuses: list[Bonus]
    hourly_cents: int | None
    feedback: list[Feedback]

    @property
    def bonus_cents(self) -> int:
        return sum(bonus.cents for bonus in self.bonuses)

    @property
    def total_cents(self) -> int:
        return self.cents + self.bonus_cents


def earnings_of(worker: Worker) -> Earnings:
    """What a worker has earned, in two queries."""
    rows = list(
        worker.assignments.exclude(status__in=Assignment.OPEN)
        .select_related("hit__hit_type", "trace", "answer")
        .order_by("-submitted_at")
    )
    answered = [row for row in rows if row.status != Status.RETURNED]
    return Earnings(
        done=len(answered),
        accepted=sum(row.status in (Status.APPROVED, Status.SOFT_REJECTED) for row in answered),
        waiting=sum(row.status == Status.SUBMITTED for row in answered),
        rejected=sum(row.status == Status.REJECTED for row in answered),
        returned=len(rows) - len(answered),
        cents=sum(
            row.hit.hit_type.reward_cents for row in answered if row.status in Assignment.PAID
        ),
        bonuses=list(Bonus.objects.filter(worker=worker).order_by("-pk")),
        hourly_cents=_hourly(answered),
        feedback=[_feedback(row) for row in answered if row.feedback],
    )


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
