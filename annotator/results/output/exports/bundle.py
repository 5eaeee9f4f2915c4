"""A study in one file, from which its report can be computed again on another machine."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from annotator.models import Exemplar, HitType, Snapshot, Study
from annotator.results.loading.report_data import ReportData
from annotator.results.output.as_json import as_json, json_pieces
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import as_csv
from annotator.results.output.exports.registry import REPORTED, SHARED, export_table, reported_table
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.html import standalone_page
from annotator.results.output.paper import as_markdown
from annotator.results.output.snapshots.stored_reports import full_report, report_data_in
from annotator.results.output.version import code_version
from annotator.results.report.report import StudyReport, report_from
from annotator.storage import read

SCHEMA = "unitscope-bundle/1"
REPORT_DATA = TypeAdapter(ReportData)
OMITTED = {"marks"}  # material.json has them as bits
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same study gives the same bytes


class BadBundle(Exception):
    """A file is not a bundle, or is damaged. Its text is one sentence."""


def write_bundle(file: IO[bytes], snapshot: Snapshot) -> None:
    """Write a study's bundle: one file with everything that its report is computed from.

    Call it where the snapshot is made (as `reader` of `lifecycle.take`): the tables come from the
    database, and have to hold the very answers that the report is made of.

    The numbers come from `material.json`. The other files are for people: the report, the tables,
    the dictionary, a data sheet, and the pictures where they may be published.

    Answers whose workers do not share them are not in it, and neither in its numbers.
    """
    study: Study = snapshot.study
    files: dict[str, dict[str, Any]] = {}
    file.seek(0)
    file.truncate()  # it is written again if somebody takes answers back meanwhile
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        data = REPORT_DATA.validate_json(report_data_in(snapshot))
        for name, pieces in _files(study, snapshot, data):
            files[name] = _add(archive, name, pieces)
        manifest = json.dumps(_manifest(study, snapshot, files, data), indent=2, ensure_ascii=False)
        _add(archive, "manifest.json", [manifest.encode()])


def read_bundle(path: Path) -> ReportData:
    """Read from a bundle the data that its report is computed from.

    Raises:
        BadBundle: the file is not a bundle, or a file in it differs from the manifest.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            if manifest.get("schema") != SCHEMA:
                raise BadBundle(f"{path} has the schema {manifest.get('schema')!r}, not {SCHEMA}.")
            content = archive.read("material.json")
            for name, entry in manifest["files"].items():
                if hashlib.sha256(archive.read(name)).hexdigest() != entry["sha256"]:
                    raise BadBundle(f"{name} in {path} differs from the manifest: it is damaged.")
        return REPORT_DATA.validate_json(content)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, ValidationError) as error:
        raise BadBundle(f"{path} is not a bundle of a study ({error}).") from error


def report_text(report: StudyReport) -> str:
    """The report in a bundle as JSON text, byte for byte the same on every machine."""
    return json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"


def _files(
    study: Study, snapshot: Snapshot, data: ReportData
) -> Iterator[tuple[str, Iterable[bytes]]]:
    shared = data.shared()
    if shared is data:
        report, figures = full_report(snapshot), figures_in(snapshot)
        yield "material.json", [report_data_in(snapshot)]
    else:  # then the numbers are those of the answers that it holds
        report, figures = report_from(shared, snapshot.crowd, snapshot.variant), None
        yield "material.json", [REPORT_DATA.dump_json(shared)]
    yield "report.json", chain(json_pieces(as_json(report)), [b"\n"])
    yield "report.html", [standalone_page(report, figures).encode()]
    yield "datasheet.md", [data_sheet(study, snapshot).encode()]
    yield "methods.md", [as_markdown(study, snapshot).encode()]
    yield "dictionary.csv", as_csv(dictionary(study, snapshot))
    for name in SHARED:
        if name in REPORTED:
            yield f"{name}.csv", as_csv(reported_table(name, report))
        elif name not in OMITTED:
            yield f"{name}.csv", as_csv(export_table(name, study, snapshot))
    if study.may_publish_pictures:
        for name in _tiles(study):
            yield f"pictures/{name}", [read(f"pictures/{name}")]


def _tiles(study: Study) -> list[str]:
    """The pictures of top images, and the tiles that HITs cut from them."""
    top = Exemplar.objects.filter(unit__layer__network__study=study, role=Exemplar.Role.TOP)
    names = {*top.values_list("tile", flat=True), *top.values_list("image__tile", flat=True)}
    return sorted(names - {""})


def _add(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _manifest(
    study: Study, snapshot: Snapshot, files: dict[str, Any], data: ReportData
) -> dict[str, Any]:
    hit_types = HitType.objects.filter(study=study).order_by("pk")
    fields = ("title", "description", "reward_cents", "lease_seconds", "publisher")
    unshared_count = len(data.answers) - len(data.shared().answers)
    return {
        "schema": SCHEMA,
        "study": study.name,
        "code_version": code_version(),
        "crowd": snapshot.crowd,
        "variant": snapshot.variant,
        "threshold": study.threshold,
        "image_count": study.image_count,
        "image_list_sha256": study.image_list_sha256,
        "dissect_settings": study.dissect_settings,
        "hit_design": dict(data.design),
        "hit_types": list(hit_types.values(*fields)),
        "networks": list(
            study.networks.order_by("position").values(
                "name", "spec", "weights_sha256", "condition"
            )
        ),
        "answers_sha256": files["material.json"]["sha256"],
        "data_version": data.data_version,
        "answers_not_shared": unshared_count,
        "has_pictures": study.may_publish_pictures,
        "files": files,
    }
