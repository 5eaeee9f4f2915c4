"""Which snapshots are asked for and due: a page asks, and a worker makes them."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models import Snapshot, SnapshotRequest, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.output.snapshots.stored_reports import default_crowd, latest

PAUSE_AFTER_FAILURE = timedelta(minutes=5)  # from one try to make a snapshot to the next
# A report that takes a second is made at most every twenty seconds.
MIN_PAUSE_PER_SECOND = 20


def kinds(study: Study) -> list[tuple[Crowd, str]]:
    """(crowd, variant) of every snapshot requested before, and of the default one."""
    requested = {(default_crowd(study), "")}
    for model in (Snapshot, SnapshotRequest):
        rows = model.objects.filter(study=study).order_by()
        requested |= set(rows.values_list("crowd", "variant"))
    return sorted(requested)


def ask_for(study: Study, crowd: Crowd | None, variant: str = "") -> SnapshotRequest:
    """Ask the workers for a kind of snapshot; whether they could not make it says its `error`."""
    request: SnapshotRequest = SnapshotRequest.objects.get_or_create(
        study=study, crowd=crowd or default_crowd(study), variant=variant
    )[0]
    return request


def begin(study: Study, crowd: Crowd, variant: str) -> bool:
    """Note that a worker begins to make a kind of snapshot; `take` deletes the note.

    Returns:
        False if one began less than PAUSE_AFTER_FAILURE ago: it is still at it, has failed, or was
        lost. So a report that no worker can make does not keep them from all others.
    """
    request = ask_for(study, crowd, variant)
    mine = SnapshotRequest.objects.filter(_is_free(), pk=request.pk)
    return bool(mine.update(begun_at=Now(), error=""))


def note_failure(study: Study, crowd: Crowd, variant: str, error: str) -> None:
    """Keep why a kind of snapshot that was asked for could not be made, for its readers."""
    requests = SnapshotRequest.objects.filter(study=study, crowd=crowd, variant=variant)
    requests.update(error=error)


def is_due(study: Study) -> bool:
    """Whether a new snapshot is due: asked for, or there are new answers and the pause is over."""
    requests = SnapshotRequest.objects.filter(study=study)
    if requests.filter(_is_free()).exists():
        return True
    if requests.filter(crowd=default_crowd(study), variant="").exists():
        return False  # a worker is at it, or cannot make it
    newest = latest(study)
    if newest is None:
        return bool(study.workers.filter(assignments__answer__isnull=False).exists())
    pause = timedelta(seconds=MIN_PAUSE_PER_SECOND * newest.seconds)
    return bool(newest.made_at + pause < now()) and newest.state != data_fingerprint(study)


def _is_free() -> Q:
    """Requests that a worker may begin with."""
    return Q(begun_at=None) | Q(begun_at__lt=Now() - PAUSE_AFTER_FAILURE)
