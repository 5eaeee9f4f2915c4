"""The overview of a study: everything that its requester watches, at one moment.

Counts come from indexes alone, since a page reads them each time. The end is estimated from the
pace of the last days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import TruncDate

from annotator.crowd.review.quality_index import stored_totals
from annotator.crowd.review.quality_totals import QualityTotals
from annotator.crowd.scheduling.progress import LayerCount, layer_counts, total
from annotator.models import Assignment, LedgerEntry, Study
from annotator.pay.budget import committed_cents

Status = Assignment.Status
DAYS = 14  # of the bars of days
RECENT = timedelta(hours=72)  # the pace is that of the last three days
MIN_ANSWERS = 5  # fewer say nothing about the pace
MIN_HOURS = 1.0
MAX_DAYS = 365  # further away is "not soon"


@dataclass(frozen=True)
class Activity:
    """What became of a study's assignments, and who is at work.

    Attributes:
        submitted: answers, whatever was decided about them.
        waiting: answers that nobody has reviewed.
        in_hand: accepted, and the lease lasts.
        active_hour, active_day: workers who answered in the last hour and day.
        recent: answers of the last RECENT, the first of which came at `recent_since`.
    """

    accepted: int
    submitted: int
    waiting: int
    returned: int
    expired: int
    in_hand: int
    active_hour: int
    active_day: int
    recent: int
    recent_since: datetime | None
    last_at: datetime | None

    @property
    def return_rate(self) -> float | None:
        """Returned / accepted; None where no worker accepted anything."""
        return self.returned / self.accepted if self.accepted else None


def activity(study: Study, at: datetime) -> Activity:
    """The activity that a study's overview counts at a moment, in two queries of an index."""
    own = Assignment.objects.filter(worker__study=study).order_by()
    rows = own.values_list("status").annotate(Count("pk"), Max("submitted_at"))
    by_status = {status: count for status, count, _ in rows}
    last = [each for status, _, each in rows if status in Assignment.ANSWERED and each]
    day, hour = (Q(submitted_at__gt=at - timedelta(hours=hours)) for hours in (24, 1))
    recent = own.filter(status__in=Assignment.ANSWERED, submitted_at__gt=at - RECENT).aggregate(
        count=Count("pk"),
        since=Min("submitted_at"),
        hour=Count("worker", distinct=True, filter=hour),
        day=Count("worker", distinct=True, filter=day),
    )
    return Activity(
        accepted=sum(by_status.values()),
        submitted=sum(by_status.get(status, 0) for status in Assignment.ANSWERED),
        waiting=by_status.get(Status.SUBMITTED, 0),
        returned=by_status.get(Status.RETURNED, 0),
        expired=by_status.get(Status.EXPIRED, 0),
        in_hand=by_status.get(Status.ACCEPTED, 0),
        active_hour=recent["hour"],
        active_day=recent["day"],
        recent=recent["count"],
        recent_since=recent["since"],
        last_at=max(last, default=None),
    )


@dataclass(frozen=True)
class DayCount:
    """The answers of one day (UTC)."""

    day: date
    count: int


def day_counts(study: Study, today: date, days: int = DAYS) -> list[DayCount]:
    """Count the answers of each of the last days, today last, in one query."""
    first = today - timedelta(days=days - 1)
    midnight = datetime.combine(first, time(), UTC)
    answered = Assignment.objects.filter(
        worker__study=study, status__in=Assignment.ANSWERED, submitted_at__gte=midnight
    )
    by_day = answered.order_by().values_list(TruncDate("submitted_at")).annotate(Count("pk"))
    counts = dict(by_day)
    all_days = (first + timedelta(days=number) for number in range(days))
    return [DayCount(day, counts.get(day, 0)) for day in all_days]


def estimated_finish(activity: Activity, left: int, at: datetime) -> datetime | None:
    """When the last of `left` answers will come at the pace of the last three days.

    Nights and weekends slow people down and are in the pace only if they lie in these days.

    Returns:
        None where fewer than MIN_ANSWERS came in, nothing is left, or it takes above MAX_DAYS.
    """
    if not left or activity.recent < MIN_ANSWERS or activity.recent_since is None:
        return None
    hours = max((at - activity.recent_since) / timedelta(hours=1), MIN_HOURS)
    days_left = left * hours / activity.recent / 24
    return at + timedelta(days=days_left) if days_left <= MAX_DAYS else None


@dataclass(frozen=True)
class Overview:
    """A study as its requester watches it.

    Attributes:
        filled, wanted: answers that are in, and wanted; without practice.
        totals: over the quality of all answers; None where they are not computed yet.
        totals_at: when they were stored; None where they are of this moment.
        spent_cents: what it has to pay in any case: as `budget.committed_cents`.
        owed_cents: the part of it that is not sent.
    """

    layers: Sequence[LayerCount]
    days: Sequence[DayCount]
    activity: Activity
    totals: QualityTotals | None
    totals_at: datetime | None
    spent_cents: int
    owed_cents: int
    finish: datetime | None

    @property
    def filled(self) -> int:
        return total(self.layers)[0]

    @property
    def wanted(self) -> int:
        return total(self.layers)[1]


def overview(study: Study, at: datetime) -> Overview:
    """The overview of a study at a moment, in eight queries for a large one.

    Args:
        study: as `quality_index.with_size` loads it.
    """
    layers, now = layer_counts(study), activity(study, at)
    filled, wanted = total(layers)
    totals, totals_at = stored_totals(study)
    unpaid = LedgerEntry.objects.filter(study=study, state__in=LedgerEntry.UNPAID)
    return Overview(
        layers=layers,
        days=day_counts(study, at.date()),
        activity=now,
        totals=totals,
        totals_at=totals_at,
        spent_cents=committed_cents(study),
        owed_cents=unpaid.aggregate(cents=Sum("cents"))["cents"] or 0,
        finish=estimated_finish(now, wanted - filled, at),
    )
