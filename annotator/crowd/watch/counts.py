"""Counts of a study's answers that a page reads each time, from indexes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncDate

from annotator.models import Assignment, Place, Study

Status = Assignment.Status
DAYS = 14  # of the bars of days
RECENT = timedelta(hours=72)  # the pace is that of the last three days


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
    """What happens in a study at a moment, in two queries of an index of assignments."""
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


@dataclass(frozen=True)
class LayerCount:
    """Answers wanted of one layer, and those that are in."""

    network: str
    layer: str
    wanted: int
    filled: int


def layer_counts(study: Study) -> list[LayerCount]:
    """Count the places of each layer, practice and withdrawn HITs left out, in one query.

    Of a withdrawn HIT the answers that came in are wanted.
    """
    places = Place.objects.filter(hit__unit__layer__network__study=study)
    # As two conditions: a known unit without practice has a row too.
    places = places.exclude(hit__unit__known__for_training=True)
    places = places.exclude(hit__unit__known__for_qualification=True)
    layer = "hit__unit__layer"
    by_layer = places.values_list(f"{layer}__network__display_name", f"{layer}__display_name")
    is_open = ~Q(hit__status="disposed")
    counts = by_layer.annotate(
        wanted=Count("pk", filter=Q(is_filled=True) | is_open),
        filled=Count("pk", filter=Q(is_filled=True)),
    )
    rows = counts.order_by(f"{layer}__network__position", f"{layer}__position")
    return [LayerCount(*row) for row in rows if row[2]]


def total(layers: Sequence[LayerCount]) -> tuple[int, int]:
    """Sum up the counts of all layers: answers that are in, and wanted."""
    return sum(layer.filled for layer in layers), sum(layer.wanted for layer in layers)


def why_hidden(study: Study) -> str:
    """Why results are hidden yet, by the counts of answers in and wanted: a sentence."""
    filled, wanted = total(layer_counts(study))
    return (
        f"The results of {study} are hidden until the planned answers are in: {filled} of {wanted} "
        "so far."
    )
