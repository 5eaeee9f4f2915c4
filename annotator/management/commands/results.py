import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotator.management.results_of_kinds import of_kinds
from annotator.management.results_of_study import opened_study, print_notices, table_pieces
from annotator.management.results_options import BINARY, FOLDERS, add_options
from annotator.models import Snapshot, Study
from annotator.results.output.exports.bundle import (
    BadBundle,
    read_bundle,
    report_text,
    write_bundle,
)
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import for_excel, plain_text
from annotator.results.output.exports.neuronpedia import write_neuronpedia
from annotator.results.output.exports.registry import (
    REPORTED,
    export_table,
    reported_table,
)
from annotator.results.output.figures.page_figures import Figure, figures_in
from annotator.results.output.folders import FolderRefused
from annotator.results.output.html import standalone_page
from annotator.results.output.site.folder import write_site
from annotator.results.output.snapshots.stored_reports import full_report, report_in
from annotator.results.output.tables import precision_table
from annotator.results.report.report import StudyReport, report_from
from annotator.storage import StorageDown
from annotator.tasks import current_snapshot
from dissect.errors import BadDissection
from dissect.format.atomic_file import write_atomically

PIECE_BYTES = 1 << 20
PICTURES_LEFT_OUT = (
    "Pictures were left out, because those of study {study} may not be published. A requester of "
    "the study can allow it on /studies/{study}/."
)
SUPERSEDED = (
    "Note: {path} is superseded: people have taken answers back since it was made. Delete it, and "
    "make it again with `results {study} --format bundle`."
)


class Command(BaseCommand):
    help = "Print the results of a study: precision, concepts and groups, by unit and by layer."

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *, study: str | None, bundle: Path | None, **options: Any) -> None:
        if options["format"] in BINARY and options["out"] is None:
            name = BINARY[options["format"]]
            raise CommandError(f"{name} is not text: say where to write it with --out PATH.")
        if options["excel"] and options["format"] != "csv":
            raise CommandError(f"--excel goes with --format csv, not {options['format']}.")
        if options["format"] in FOLDERS:
            _write_folder(study, bundle, **options)
            return
        if options["kind"]:
            pieces = of_kinds(study, bundle, **options)
        elif bundle is not None:
            pieces = _of_bundle(bundle, study, **options)
        elif study is None:
            raise CommandError("Say which STUDY, or --from which BUNDLE.")
        else:
            pieces = _of_study(opened_study(study, options["early"]), **options)
        if options["excel"]:
            pieces = for_excel(pieces)
        if options["out"] is None:
            for piece in pieces:
                self.stdout.write(piece.decode(), ending="")
        else:
            _write(options["out"], pieces)


def _write_folder(name: str | None, bundle: Path | None, **options: Any) -> None:
    """Write a study of this service into a folder, as a site or for Neuronpedia."""
    kind, out = options["format"], options["out"]
    if out is None:
        raise CommandError(f"{FOLDERS[kind]} is a folder: say which with --out DIR.")
    if bundle is not None or name is None:
        raise CommandError(f"{FOLDERS[kind]} is made of a STUDY of this service.")
    study = opened_study(name, options["early"])
    snapshot = current_snapshot(study, options["answers"], options["variant"])
    print_notices(report_in(snapshot))
    try:
        if kind == "site":
            _write_site(study, snapshot, out, not options["no_pictures"])
        else:
            count = write_neuronpedia(study, snapshot, out)
            print(f"Wrote {count:,} features to {out}.", file=sys.stderr)
    except (FolderRefused, BadDissection, StorageDown) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from error


def _write_site(study: Study, snapshot: Snapshot, out: Path, with_pictures: bool) -> None:
    with tqdm(unit="unit", disable=None) as bar:
        written = write_site(study, snapshot, out, with_pictures, bar.update)
    megabytes = f"{written.bytes / 1e6:,.1f} MB"
    print(f"Wrote {written.page_count:,} pages to {out}, {megabytes}.", file=sys.stderr)
    if with_pictures and not study.may_publish_pictures:
        print(PICTURES_LEFT_OUT.format(study=study), file=sys.stderr)
    print(f"Open {out / 'index.html'}.", file=sys.stderr)


def _of_study(study: Study, answers: Any, variant: str, **options: Any) -> Iterable[bytes]:
    kind, table = options["format"], options["table"]
    file = tempfile.TemporaryFile() if kind == "bundle" else None  # noqa: SIM115, closed when read
    write = partial(write_bundle, file) if file else None
    snapshot = current_snapshot(study, answers, variant, write)
    report = full_report(snapshot)
    count = len(report.networks) and report.answer_count
    print(f"Made from {count} answers in {snapshot.seconds:.1f} s.", file=sys.stderr)
    print_notices(report)
    if file:
        return _pieces(file)
    if table == "datasheet":
        return [data_sheet(study, snapshot).encode()]
    if table == "dictionary":
        return table_pieces(dictionary(study, snapshot), kind)
    if table:
        return table_pieces(export_table(table, study, snapshot), kind)
    return _report(report, kind, figures_in(snapshot) if kind == "html" else None)


def _of_bundle(
    path: Path, study: str | None, answers: Any, variant: str, **options: Any
) -> Iterable[bytes]:
    try:
        data = read_bundle(path)
    except BadBundle as error:
        raise CommandError(str(error)) from error
    if study not in (None, data.study):
        raise CommandError(f"{path} holds the study {data.study!r}, not {study!r}.")
    report = report_from(data, answers, variant)
    print_notices(report)
    current = Study.objects.filter(name=data.study).first()
    if current and current.withdrawal_count + 1 > data.data_version:
        print(SUPERSEDED.format(path=path, study=data.study), file=sys.stderr)
    kind, table = options["format"], options["table"]
    if kind == "bundle" or (table and table not in REPORTED):
        raise CommandError(f"A bundle gives the report and its tables: {', '.join(REPORTED)}.")
    return table_pieces(reported_table(table, report), kind) if table else _report(report, kind)


def _report(
    report: StudyReport, kind: str, figures: dict[str, Figure] | None = None
) -> Iterable[bytes]:
    if kind == "json":
        return [report_text(report).encode()]
    if kind in ("csv", "parquet"):
        return table_pieces(reported_table("units", report), kind)
    if kind == "html":
        return [standalone_page(report, figures).encode()]
    return [plain_text(precision_table(report)).encode()]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _write(out: Path, pieces: Iterable[bytes]) -> None:
    try:
        write_atomically(out, pieces)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
    print(f"Wrote {out}.", file=sys.stderr)
