"""Reports as the answers stood, kept in the storage so that a page only reads.

A snapshot is a folder: `report.json` without its units, `units-LAYER.json` for each layer,
`material.json`, and `figures.json`. It is named by what it is made of, so it never changes; of each
kind the newest two stay. Its files are read by the code that wrote them alone: another version
makes its own.
"""

from collections.abc import Callable, Container
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from time import perf_counter

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from pydantic import TypeAdapter

from annotator.models import Answer, Snapshot, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.report_data import ReportData, data_fingerprint, load_report_data
from annotator.results.output.version import code_hash
from annotator.results.report.report import NetworkResult, StudyReport, report_from
from annotator.results.report.unit import UnitResult
from annotator.storage import keep, read

KEPT = 2
# A report that costs a second is made at most every twenty seconds.
PAUSE_IN_COSTS = 20
Units = tuple[UnitResult, ...]
REPORT = TypeAdapter(StudyReport)
MATERIAL = TypeAdapter(ReportData)
UNIT = TypeAdapter(UnitResult)
UNITS: TypeAdapter[Units] = TypeAdapter(Units)


def take(
    study: Study,
    crowd: Crowd | None = None,
    variant: str = "",
    flagged: Callable[[], Container[str]] = frozenset,
) -> Snapshot:
    """The snapshot of a study's answers as they stand now; made unless it is there.

    Args:
        crowd: whose answers; None is people's as soon as there are any.
        variant: which answers count, a key of variants.VARIANTS.
        flagged: finds the keys of workers whom a rule flags.

    Raises:
        StorageDown: it cannot be kept.
    """
    crowd, state = crowd or default_crowd(study), data_fingerprint(study)
    of_kind = snapshots(study, crowd, variant)
    newest = of_kind.first()
    if newest is not None and newest.state == state:
        return newest
    start = perf_counter()
    content = f"snapshots/{code_hash()}/{study.pk}-{crowd}-{variant or 'all'}-{state}"
    material = load_report_data(study, flagged())
    _keep_all(content, report_from(material, crowd, variant), material)
    seconds = perf_counter() - start
    with transaction.atomic():
        # Answers may stand again as they once did; two workers may have made it at once.
        Snapshot.objects.filter(study=study, crowd=crowd, variant=variant, state=state).delete()
        made = Snapshot.objects.create(
            study=study, crowd=crowd, variant=variant, state=state, content=content, seconds=seconds
        )
        made.refresh_from_db()
    for old in list(of_kind[KEPT:]):
        _forget(old)
    return made


def kinds(study: Study) -> list[tuple[Crowd, str]]:
    """(crowd, variant) of every snapshot that was asked for before, and of the usual one."""
    asked = set(Snapshot.objects.filter(study=study).values_list("crowd", "variant").order_by())
    return sorted(asked | {(default_crowd(study), "")})


def default_crowd(study: Study) -> Crowd:
    """Whose answers a report is about unless it is told: people's as soon as there are any."""
    answers = Answer.objects.filter(assignment__worker__study=study)
    if answers.exclude(assignment__worker__kind="simulated").exists():
        return "people"
    return "simulated" if answers.exists() else "people"


def snapshots(study: Study, crowd: Crowd, variant: str = "") -> QuerySet[Snapshot]:
    """Those of one kind that this code can read, the newest first."""
    readable = Snapshot.objects.filter(content__startswith=f"snapshots/{code_hash()}/")
    found: QuerySet[Snapshot] = readable.filter(study=study, crowd=crowd, variant=variant)
    return found.order_by("-pk")


def latest(study: Study, crowd: Crowd | None = None, variant: str = "") -> Snapshot | None:
    """The newest snapshot, which may be older than the newest answer; None if there is none."""
    return snapshots(study, crowd or default_crowd(study), variant).first()


def is_due(study: Study) -> bool:
    """Whether a worker should make the study's snapshot: answers came in, and it is time."""
    newest = latest(study)
    if newest is None:
        return bool(study.workers.filter(assignments__answer__isnull=False).exists())
    pause = timedelta(seconds=PAUSE_IN_COSTS * newest.seconds)
    return bool(newest.made_at + pause < now()) and newest.state != data_fingerprint(study)


def report_in(snapshot: Snapshot) -> StudyReport:
    """Its report, whose layers have no units: see units_in."""
    return report_at(snapshot.content)


def units_in(snapshot: Snapshot, layer_id: int) -> Units:
    """The answered units of a layer, by number."""
    return _units(snapshot.content, layer_id)


def unit_in(snapshot: Snapshot, layer_id: int, number: int) -> UnitResult | None:
    """One unit of a layer, the others unread; None if it has no answers that count."""
    return next(iter(UNITS.validate_json(_line(_kept(snapshot.content, layer_id), number))), None)


def full_report(snapshot: Snapshot) -> StudyReport:
    """Its report with every unit, equal to the last bit to what it was made from."""
    return _with_units(report_in(snapshot), lambda layer_id: units_in(snapshot, layer_id))


def report_data_in(snapshot: Snapshot) -> bytes:
    """What it was made of, as JSON: what a bundle holds."""
    return read(f"{snapshot.content}/material.json")


def _keep_all(content: str, report: StudyReport, material: ReportData) -> None:
    keep(f"{content}/material.json", lambda: MATERIAL.dump_json(material))
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


# What is kept under a name never changes, so a process may remember it.
@lru_cache(maxsize=8)
def report_at(content: str) -> StudyReport:
    """The report in the folder of a snapshot."""
    return REPORT.validate_json(read(f"{content}/report.json"))


@lru_cache(maxsize=16)
def _units(content: str, layer_id: int) -> Units:
    return UNITS.validate_json(_kept(content, layer_id))


@lru_cache(maxsize=16)
def _kept(content: str, layer_id: int) -> bytes:
    return read(f"{content}/units-{layer_id}.json")


def _lines(units: Units) -> bytes:
    """Units as JSON, each in a line that begins with its number, so that one is found alone."""
    return b"[\n" + b",\n".join(UNIT.dump_json(unit) for unit in units) + b"\n]"


def _line(units: bytes, number: int) -> bytes:
    """A list of the one unit of that number, or of none."""
    start = units.find(b'\n{"unit":%d,' % number)
    if start < 0:
        return b"[]"
    return b"[" + units[start : units.index(b"\n", start + 1)].rstrip(b",") + b"]"


def _forget(snapshot: Snapshot) -> None:
    """Delete a snapshot, its row first: nobody finds files that are half gone."""
    content = snapshot.content
    snapshot.delete()
    _, names = default_storage.listdir(content)
    for name in names:
        default_storage.delete(f"{content}/{name}")
