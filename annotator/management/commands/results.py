import sys
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotator.crowd.audit import COMMAND
from annotator.crowd.review.looks import look_early, open_results
from annotator.crowd.watch.counts import why_hidden
from annotator.management.option_types import shown
from annotator.management.questions import can_ask, says_yes
from annotator.models import Snapshot, Study
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.exports.bundle import (
    BadBundle,
    read_bundle,
    report_text,
    write_bundle,
)
from annotator.results.output.exports.columns import ExportTable
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import WRITERS, for_excel, plain_text
from annotator.results.output.exports.neuronpedia import write_neuronpedia
from annotator.results.output.exports.registry import (
    REPORTED,
    TABLE_NAMES,
    described,
    export_table,
    reported_table,
)
from annotator.results.output.folders import FolderRefused
from annotator.results.output.html import Figure, figures_in, standalone_page
from annotator.results.output.site.folder import write_site
from annotator.results.output.snapshots import full_report, report_in
from annotator.results.output.tables import kinds_table, precision_table
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport, report_from
from annotator.results.report.training_runs import NotOffered, kind_statements, refuse_few_runs
from annotator.storage import StorageDown
from annotator.tasks import current_snapshot
from dissect.errors import BadDissection
from dissect.format.atomic_file import write_atomically

FOLDERS = {"site": "A site", "neuronpedia": "An export for Neuronpedia"}
FORMATS = ("table", "csv", "json", "html", "parquet", "bundle", *FOLDERS)
TABLES = (*TABLE_NAMES, "dictionary", "datasheet")
BINARY = {"parquet": "Parquet", "bundle": "A bundle"}
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
        parser.add_argument("study", metavar="STUDY", nargs="?")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="table",
            help="table: layers, to read here (default); csv and parquet: a row for each unit; "
            "json: everything; html: a report that opens from disk; bundle: the whole study in "
            "one file, for --from; site: a folder of pages for any web host or for the disk; "
            "neuronpedia: a folder in Neuronpedia's batch layout",
        )
        parser.add_argument(
            "--table", choices=TABLES, help="of csv, json and parquet: another table than units"
        )
        parser.add_argument(
            "--excel",
            action="store_true",
            help="of csv: with a byte order mark, without which Excel misreads all but ASCII",
        )
        parser.add_argument(
            "--from",
            dest="bundle",
            type=Path,
            metavar="BUNDLE",
            help="make the report of a bundle instead of a study of this service",
        )
        parser.add_argument(
            "--out",
            type=Path,
            metavar="PATH",
            help="a file, or a site's folder",
        )
        parser.add_argument(
            "--no-pictures",
            action="store_true",
            help="of a site: leave the pictures out, also where the study allows to publish them",
        )
        parser.add_argument(
            "--answers",
            choices=["people", "simulated"],
            help="whose answers; by default people's if there are any",
        )
        parser.add_argument(
            "--variant", choices=VARIANTS, default="", help="which answers count", metavar="NAME"
        )
        parser.add_argument(
            "--early",
            action="store_true",
            help="open results before the planned answers are in, which is logged as a look; "
            "without it a terminal is asked",
        )

        parser.add_argument(
            "--kind",
            action="append",
            type=_kind,
            metavar="NAME=[STUDY/]NETWORK,...",
            help="instead of a report, statements about a kind of network: its mean over at least "
            "3 training runs, and the difference of each two kinds, with runs as units of "
            "inference; repeat it for every kind",
        )

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
            pieces = _of_kinds(study, bundle, **options)
        elif bundle is not None:
            pieces = _of_bundle(bundle, study, **options)
        elif study is None:
            raise CommandError("Say which STUDY, or --from which BUNDLE.")
        else:
            pieces = _of_study(_opened_study(study, options["early"]), **options)
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
    study = _opened_study(name, options["early"])
    snapshot = current_snapshot(study, options["answers"], options["variant"])
    _print_notices(report_in(snapshot))
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
    _print_notices(report)
    if file:
        return _pieces(file)
    if table == "datasheet":
        return [data_sheet(study, snapshot).encode()]
    if table == "dictionary":
        return _table(dictionary(study, snapshot), kind)
    if table:
        return _table(export_table(table, study, snapshot), kind)
    return _report(report, kind, figures_in(snapshot) if kind == "html" else None)


def _kind(text: str) -> tuple[str, list[str]]:
    """The type of --kind: its name, and the networks that are its training runs."""
    name, equals, networks = text.partition("=")
    runs = [run for run in networks.split(",") if run]
    if not (name and equals and runs):
        raise ArgumentTypeError(f"must be NAME=NETWORK,NETWORK,..., got {shown(text)}.")
    return name, runs


def _of_kinds(study: str | None, bundle: Path | None, **options: Any) -> Iterable[bytes]:
    """The statements about kinds of networks, as a table or JSON."""
    kinds = dict(options["kind"])
    if bundle is not None or options["table"]:
        raise CommandError("--kind makes a table of its own, from studies of this service.")
    if len(kinds) < len(options["kind"]):
        raise CommandError("Each --kind needs a name of its own: one is given twice.")
    try:
        refuse_few_runs(kinds)
        reports: dict[str, StudyReport] = {}
        runs = {
            kind: [_run(run, study, reports, options) for run in names]
            for kind, names in kinds.items()
        }
        table = kinds_table(kind_statements(runs), any(r.is_simulated for r in reports.values()))
    except NotOffered as error:
        raise CommandError(str(error)) from error
    if options["format"] == "table":
        return [plain_text(table).encode()]
    made = described("kinds", "a number of a kind, or a difference of two", table)
    return _table(made, options["format"])


def _run(
    name: str, study: str | None, reports: dict[str, StudyReport], options: dict[str, Any]
) -> NetworkResult:
    """A training run by [STUDY/]NETWORK, its name or display name; a report is made once."""
    own, slash, network = name.rpartition("/")
    of = own if slash else study
    if of is None:
        raise CommandError(f"Say which study {name!r} is of: results STUDY, or STUDY/{name}.")
    if of not in reports:
        snapshot = current_snapshot(
            _opened_study(of, options["early"]), options["answers"], options["variant"]
        )
        reports[of] = report_in(snapshot)
        _print_notices(reports[of])
    for one in reports[of].networks:
        if network in (one.name, one.display_name):
            return one
    names = ", ".join(one.display_name or one.name for one in reports[of].networks)
    raise CommandError(f"Study {of!r} has no network {network!r}. It has: {names}.")


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
    _print_notices(report)
    current = Study.objects.filter(name=data.study).first()
    if current and current.withdrawal_count + 1 > data.data_version:
        print(SUPERSEDED.format(path=path, study=data.study), file=sys.stderr)
    kind, table = options["format"], options["table"]
    if kind == "bundle" or (table and table not in REPORTED):
        raise CommandError(f"A bundle gives the report and its tables: {', '.join(REPORTED)}.")
    return _table(reported_table(table, report), kind) if table else _report(report, kind)


def _print_notices(report: StudyReport) -> None:
    if report.notice:
        print(f"Note: {report.notice}.", file=sys.stderr)
    if report.answer_count == 0:
        print(f"Study {report.study!r} has no answers that count yet.", file=sys.stderr)


def _report(
    report: StudyReport, kind: str, figures: dict[str, Figure] | None = None
) -> Iterable[bytes]:
    if kind == "json":
        return [report_text(report).encode()]
    if kind in ("csv", "parquet"):
        return _table(reported_table("units", report), kind)
    if kind == "html":
        return [standalone_page(report, figures).encode()]
    return [plain_text(precision_table(report)).encode()]


def _table(table: ExportTable, kind: str) -> Iterable[bytes]:
    if kind not in WRITERS:
        raise CommandError(f"A table is written as {', '.join(WRITERS)}: say --format.")
    return WRITERS[kind](table)


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


def _opened_study(name: str, is_early: bool) -> Study:
    """The study of a name, whose results may be seen.

    Raises:
        CommandError: there is none, or its planned answers are not in and nobody wants to look.
    """
    study = _study(name)
    if open_results(study, COMMAND, "report"):
        return study
    why = f"{why_hidden(study)} Opening them now is logged as a look, and the report says so."
    if not is_early and not can_ask():
        raise CommandError(f"{why} --early opens them for an hour.")
    if not is_early and not says_yes(f"{why} Open them?"):
        raise CommandError("The results stay hidden.")
    look_early(study, COMMAND, "report")
    return study


def _study(name: str) -> Study:
    study = Study.objects.filter(name=name).first()
    if study is None:
        names = ", ".join(Study.objects.order_by("name").values_list("name", flat=True))
        raise CommandError(
            f"There is no study {name!r}. "
            + (f"There are: {names}." if names else "There is none yet.")
        )
    return study
