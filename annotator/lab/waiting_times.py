"""How long analyses wait and take: the place in the queue, and the seconds to a result."""

from typing import NamedTuple

from django.utils.timezone import now

from annotator.models import Analysis, Study


class QueuePlace(NamedTuple):
    """Where a waiting analysis is: its place from 1, of how many, and the seconds to its result.

    `seconds` is None until analyses of the study have shown how fast its workers are.
    """

    place: int
    count: int
    seconds: float | None


def queue_place(analysis: Analysis) -> QueuePlace:
    """How long an analysis waits: its place in the queue, and about when its result comes."""
    waiting = Analysis.objects.filter(status=Analysis.Status.WAITING).in_queue_order()
    rows = list(waiting.values_list("pk", "forwards"))
    keys = [pk for pk, _ in rows]
    place = keys.index(analysis.pk) if analysis.pk in keys else 0
    ahead = sum(forwards for _, forwards in rows[: place + 1])
    per_forward = seconds_per_forward(analysis.network.study)
    if per_forward is None:
        return QueuePlace(place + 1, max(1, len(rows)), None)
    running = Analysis.objects.filter(status=Analysis.Status.RUNNING)
    left = sum(seconds_left(row) or 0.0 for row in running.select_related("network__study"))
    return QueuePlace(place + 1, max(1, len(rows)), ahead * per_forward + left)


def seconds_left(analysis: Analysis) -> float | None:
    """How long a running analysis still takes, in seconds; None where nothing tells."""
    if (pace := analysis.pace) is not None:
        return pace.seconds_left
    per_forward = seconds_per_forward(analysis.network.study)
    if per_forward is None or analysis.started_at is None:
        return None
    elapsed = (now() - analysis.started_at).total_seconds()
    return max(0.0, analysis.forwards * per_forward - elapsed)


def seconds_per_forward(study: Study) -> float | None:
    """How long analyses of a study took for each image forwarded, lately; None without any."""
    done = Analysis.objects.filter(
        network__study=study, status=Analysis.Status.DONE, forwards__gt=0, started_at__isnull=False
    )
    rows = list(done.order_by("-pk").values_list("started_at", "finished_at", "forwards")[:10])
    forwards = sum(row[2] for row in rows)
    seconds = sum((finished - started).total_seconds() for started, finished, _ in rows)
    return seconds / forwards if forwards else None
