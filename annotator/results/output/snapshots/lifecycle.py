"""The life of a snapshot: pages ask for it, a worker makes it, a later one replaces it."""

from collections.abc import Callable, Container
from datetime import timedelta
from functools import partial
from hashlib import sha256
from time import perf_counter

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now
from pydantic import TypeAdapter

from annotator.database.moments import consistent_read
from annotator.models import Snapshot, SnapshotRequest, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.report_data import ReportData, load_report_data
from annotator.results.loading.variants import default_crowd_of
from annotator.results.output.snapshots.stored_reports import store_report
from annotator.results.output.version import code_hash
from annotator.results.report.report import report_from

PAUSE_AFTER_FAILURE = timedelta(minutes=5)  # from one try to make a snapshot to the next
# A report that takes a second is made at most every twenty seconds.
MIN_PAUSE_PER_SECOND = 20
MAX_KEPT = 2  # of each kind
REPORT_DATA = TypeAdapter(ReportData)


def kinds(study: Study) -> list[tuple[Crowd, str]]:
    """(crowd, variant) of every snapshot requested before, and of the default one."""
    requested = {(default_crowd_of(study), "")}
    for model in (Snapshot, SnapshotRequest):
        rows = model.objects.filter(study=study).order_by()
        requested |= set(rows.values_list("crowd", "variant"))
    return sorted(requested)


def ask_for(study: Study, crowd: Crowd | None, variant: str = "") -> SnapshotRequest:
    """Ask for a snapshot, which begins its lifecycle; its `error` says why it could not be made."""
    request: SnapshotRequest = SnapshotRequest.objects.get_or_create(
        study=study, crowd=crowd or default_crowd_of(study), variant=variant
    )[0]
    return request


def begin(study: Study, crowd: Crowd, variant: str) -> bool:
    """Note in a snapshot's lifecycle that a worker makes it now; `take` deletes the note.

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
    if requests.filter(crowd=default_crowd_of(study), variant="").exists():
        return False  # a worker is at it, or cannot make it
    newest = latest(study)
    if newest is None:
        return bool(study.workers.filter(assignments__answer__isnull=False).exists())
    pause = timedelta(seconds=MIN_PAUSE_PER_SECOND * newest.seconds)
    return bool(newest.made_at + pause < now()) and newest.state != data_fingerprint(study)


def _is_free() -> Q:
    """Requests that a worker may begin with."""
    return Q(begun_at=None) | Q(begun_at__lt=Now() - PAUSE_AFTER_FAILURE)


def take(
    study: Study,
    crowd: Crowd | None = None,
    variant: str = "",
    flagged: Callable[[], Container[str]] = frozenset,
    reader: Callable[[Snapshot], object] | None = None,
) -> Snapshot:
    """Make the snapshot of a study's current answers, or return it if it exists. Idempotent.

    Whatever comes in meanwhile, it is made of the data as they were at one moment.

    Args:
        crowd: whose answers; None means people's if there are any, else simulated ones.
        variant: which answers count, a key of variants.VARIANTS.
        flagged: returns the keys of workers with a signal against them; called if needed.
        reader: called with the snapshot, and reads the database as at the same moment.

    Raises:
        StorageDown: the snapshot cannot be stored.
    """
    with consistent_read():
        study = Study.objects.get(pk=study.pk)
        crowd, state = crowd or default_crowd_of(study), data_fingerprint(study)
        snapshot = snapshots(study, crowd, variant).first()
        if snapshot is None or snapshot.state != state:
            snapshot = _made(study, crowd, variant, state, flagged)
        if reader is not None:
            reader(snapshot)
    if snapshot.pk is None and not _save(snapshot):
        return take(study, crowd, variant, flagged, reader)  # somebody took answers back meanwhile
    SnapshotRequest.objects.filter(study=study, crowd=crowd, variant=variant).delete()
    return snapshot


def _made(
    study: Study, crowd: Crowd, variant: str, state: str, flagged: Callable[[], Container[str]]
) -> Snapshot:
    """A snapshot of the data as they are, stored, but without a row yet."""
    start, made_at = perf_counter(), now()
    data = load_report_data(study, flagged())
    material = REPORT_DATA.dump_json(data)
    name = f"{study.pk}-{crowd}-{variant or 'all'}-{state}-{sha256(material).hexdigest()[:8]}"
    content = f"snapshots/{code_hash()}/{name}"
    store_report(content, report_from(data, crowd, variant), material)
    return Snapshot(
        study=study, crowd=crowd, variant=variant, state=state, content=content,
        seconds=perf_counter() - start, made_at=made_at,
    )  # fmt: skip


def _save(snapshot: Snapshot) -> bool:
    """Save the row of a new snapshot, and delete the snapshots that it makes superfluous.

    Returns:
        False if answers were taken back since it was made: then it is deleted, and not saved.
    """
    of_kind = Snapshot.objects.filter(
        study=snapshot.study, crowd=snapshot.crowd, variant=snapshot.variant
    )
    # A row of this state exists where answers are again as they once were, or where two workers
    # made the snapshot at the same time.
    with transaction.atomic():
        study = Study.objects.select_for_update(no_key=True).get(pk=snapshot.study_id)
        is_current = study.withdrawal_count == snapshot.study.withdrawal_count
        replaced = list(of_kind.filter(state=snapshot.state)) if is_current else []
        if is_current:
            of_kind.filter(state=snapshot.state).delete()
            snapshot.save()
    if not is_current:
        _delete_files(snapshot.content)
        return False
    readable = snapshots(snapshot.study, snapshot.crowd, snapshot.variant)
    for old in [*replaced, *readable[MAX_KEPT:]]:
        _delete(old)
    return True


def delete_all(study: Study) -> None:
    """Delete every snapshot of a study, of other versions too, and ask for each kind again.

    For a study whose answers were taken back: no stored report may hold them any longer. The
    files go once the transaction is committed.
    """
    contents = set(Snapshot.objects.filter(study=study).values_list("content", flat=True))
    for crowd, variant in kinds(study):
        ask_for(study, crowd, variant)
    Snapshot.objects.filter(study=study).delete()
    for content in sorted(contents):
        transaction.on_commit(partial(_delete_files, content))


def _delete(snapshot: Snapshot) -> None:
    """Delete a snapshot: first its row, so that no reader reaches files that are being deleted."""
    content = snapshot.content
    Snapshot.objects.filter(pk=snapshot.pk).delete()
    if not Snapshot.objects.filter(content=content).exists():
        _delete_files(content)


def _delete_files(content: str) -> None:
    _, names = default_storage.listdir(content)
    for name in names:
        default_storage.delete(f"{content}/{name}")


def latest(study: Study, crowd: Crowd | None = None, variant: str = "") -> Snapshot | None:
    """The newest snapshot, even if newer answers exist; None if there is no snapshot."""
    return snapshots(study, crowd or default_crowd_of(study), variant).first()


def snapshots(study: Study, crowd: Crowd, variant: str = "") -> QuerySet[Snapshot]:
    """The snapshots of one kind that this version of the code can read, newest first."""
    readable = Snapshot.objects.filter(content__startswith=f"snapshots/{code_hash()}/")
    rows: QuerySet[Snapshot] = readable.filter(study=study, crowd=crowd, variant=variant)
    return rows.order_by("-pk")
