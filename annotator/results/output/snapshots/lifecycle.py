"""Makes the snapshot of a study's current answers, and deletes those it makes superfluous."""

from collections.abc import Callable, Container
from functools import partial
from hashlib import sha256
from time import perf_counter

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now
from pydantic import TypeAdapter

from annotator.database import consistent_read
from annotator.models import Snapshot, SnapshotRequest, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.report_data import ReportData, load_report_data
from annotator.results.output.snapshots.requests import ask_for, kinds
from annotator.results.output.snapshots.stored_reports import default_crowd, snapshots, store_report
from annotator.results.output.version import code_hash
from annotator.results.report.report import report_from

MAX_KEPT = 2  # of each kind
REPORT_DATA = TypeAdapter(ReportData)


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
        crowd, state = crowd or default_crowd(study), data_fingerprint(study)
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
