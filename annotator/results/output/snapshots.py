"""Snapshots: reports stored as the answers stood, so that a page only reads.

A snapshot is a folder: `report.json` without its units, `units-LAYER.json` for each layer,
`material.json` (the data that the report was computed from), and `figures.json`. Its name is a
hash of that data, so its content never changes. The newest two of each kind are kept. Only the
version of the code that wrote a snapshot reads it; another version makes its own.
"""

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache, partial
from hashlib import sha256
from time import perf_counter

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now
from pydantic import TypeAdapter

from annotator.database import consistent_read
from annotator.models import Answer, Snapshot, SnapshotRequest, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.report_data import ReportData, data_fingerprint, load_report_data
from annotator.results.output.version import code_hash
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport, at_threshold, report_from
from annotator.results.report.unit import UnitResult
from annotator.storage import keep, read

MAX_KEPT = 2  # of each kind
PAUSE_AFTER_FAILURE = timedelta(minutes=5)  # from one try to make a snapshot to the next
# A report that takes a second is made at most every twenty seconds.
MIN_PAUSE_PER_SECOND = 20
Units = tuple[UnitResult, ...]
REPORT = TypeAdapter(StudyReport)
REPORT_DATA = TypeAdapter(ReportData)
UNIT = TypeAdapter(UnitResult)
UNITS: TypeAdapter[Units] = TypeAdapter(Units)
WORD = TypeAdapter(str)


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


def _is_free() -> Q:
    """Requests that a worker may begin with."""
    return Q(begun_at=None) | Q(begun_at__lt=Now() - PAUSE_AFTER_FAILURE)


def default_crowd(study: Study) -> Crowd:
    """The crowd of a study's default snapshot: people if any answered, else simulated workers."""
    answers = Answer.objects.filter(assignment__worker__study=study)
    if answers.exclude(assignment__worker__kind="simulated").exists():
        return "people"
    return "simulated" if answers.exists() else "people"


def snapshots(study: Study, crowd: Crowd, variant: str = "") -> QuerySet[Snapshot]:
    """The snapshots of one kind that this version of the code can read, newest first."""
    readable = Snapshot.objects.filter(content__startswith=f"snapshots/{code_hash()}/")
    rows: QuerySet[Snapshot] = readable.filter(study=study, crowd=crowd, variant=variant)
    return rows.order_by("-pk")


def latest(study: Study, crowd: Crowd | None = None, variant: str = "") -> Snapshot | None:
    """The newest snapshot, even if newer answers exist; None if there is no snapshot."""
    return snapshots(study, crowd or default_crowd(study), variant).first()


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


def report_in(snapshot: Snapshot) -> StudyReport:
    """The report of a snapshot without its units, at the threshold looked at: see units_in."""
    return report_at(snapshot.content, snapshot.threshold)


def units_in(snapshot: Snapshot, layer_id: int) -> Units:
    """The answered units of a layer as a snapshot stores them, by number."""
    if snapshot.threshold is not None:
        return _units_at(snapshot.content, snapshot.threshold)[layer_id]
    return _units(snapshot.content, layer_id)


def unit_in(snapshot: Snapshot, layer_id: int, number: int) -> UnitResult | None:
    """One unit in a snapshot; None if it has no answers that count. Parses that unit alone."""
    if snapshot.threshold is not None:
        at_number = (unit for unit in units_in(snapshot, layer_id) if unit.unit == number)
        return next(at_number, None)
    units = _units_json(snapshot.content, layer_id)
    return next(iter(UNITS.validate_json(_single_unit(units, number))), None)


def units_named(
    snapshot: Snapshot, layer_ids: Iterable[int], concept: str, count: int
) -> tuple[list[tuple[int, UnitResult]], int]:
    """The units that have a consensus concept in a snapshot, those of highest precision first.

    Only those that are returned are parsed: a common concept has a thousand units.

    Returns:
        (layer id, unit) of the first `count`, ties by layer and number; how many there are.
    """
    consensus = re.compile(
        b'"consensus":%s,"precision":([^,}]+)' % re.escape(WORD.dump_json(concept))
    )
    places = sorted(
        (-float(match[1]), layer_id, match.start())
        for layer_id in layer_ids
        for match in consensus.finditer(_units_json(snapshot.content, layer_id))
    )
    shown = [(layer, _unit_at(snapshot.content, layer, at)) for _, layer, at in places[:count]]
    return shown, len(places)


def _unit_at(content: str, layer_id: int, position: int) -> UnitResult:
    """The unit in whose line of the layer's JSON a position is."""
    units = _units_json(content, layer_id)
    line = units[units.rindex(b"\n", 0, position) + 1 : units.index(b"\n", position)]
    return UNIT.validate_json(line.rstrip(b","))


def full_report(snapshot: Snapshot) -> StudyReport:
    """The report in a snapshot with every unit, bit for bit the one that was computed."""
    return _with_units(report_in(snapshot), lambda layer_id: units_in(snapshot, layer_id))


def report_data_in(snapshot: Snapshot) -> bytes:
    """The data that a snapshot was computed from, stored with it as JSON; a bundle has the same."""
    return read(f"{snapshot.content}/material.json")


def store_report(content: str, report: StudyReport, material: bytes) -> None:
    keep(f"{content}/material.json", lambda: material)
    for network in report.networks:
        for layer in network.layers:
            units = _lines(layer.units)
            keep(f"{content}/units-{layer.id}.json", lambda units=units: units)  # type: ignore[misc]
    head = _with_units(report, lambda layer_id: ())
    keep(f"{content}/report.json", lambda: REPORT.dump_json(head))


def _with_units(report: StudyReport, units: Callable[[int], Units]) -> StudyReport:
    def filled(network: NetworkResult) -> NetworkResult:
        layers = (replace(layer, units=units(layer.id)) for layer in network.layers)
        return replace(network, layers=tuple(layers))

    return replace(report, networks=tuple(filled(network) for network in report.networks))


# The content of a snapshot never changes, so a process may cache it.
@lru_cache(maxsize=8)
def report_at(content: str, threshold: float | None = None) -> StudyReport:
    """The report that a snapshot's folder stores, at another threshold if one is given."""
    if threshold is not None:
        return at_threshold(report_at(content), threshold)
    return REPORT.validate_json(read(f"{content}/report.json"))


@lru_cache(maxsize=4)
def _units_at(content: str, threshold: float) -> dict[int, Units]:
    """The units of every layer by its id, with their claims at a threshold."""
    whole = _with_units(report_at(content), lambda layer_id: _units(content, layer_id))
    networks = at_threshold(whole, threshold).networks
    return {layer.id: layer.units for network in networks for layer in network.layers}


@lru_cache(maxsize=16)
def _units(content: str, layer_id: int) -> Units:
    return UNITS.validate_json(_units_json(content, layer_id))


@lru_cache(maxsize=64)
def _units_json(content: str, layer_id: int) -> bytes:
    return read(f"{content}/units-{layer_id}.json")


def _lines(units: Units) -> bytes:
    """Units as JSON, one a line; a line begins with the unit's number, so it can be searched."""
    return b"[\n" + b",\n".join(UNIT.dump_json(unit) for unit in units) + b"\n]"


def _single_unit(units: bytes, number: int) -> bytes:
    """A JSON list with the unit of a number, or an empty one."""
    start = units.find(b'\n{"unit":%d,' % number)
    if start < 0:
        return b"[]"
    return b"[" + units[start : units.index(b"\n", start + 1)].rstrip(b",") + b"]"


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
