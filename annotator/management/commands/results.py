import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.models import Study
from annotator.reporting import take
from annotator.results.exports import csv_lines, parquet, text
from annotator.results.jsonable import as_json
from annotator.results.report import StudyReport
from annotator.results.snapshots import whole
from annotator.results.tables import precision_table, units_table
from annotator.results.writing import write_atomically

FORMATS = ("table", "csv", "json", "html", "parquet")


class Command(BaseCommand):
    help = "Print the results of a study: precision, concepts and groups, by unit and by layer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="table",
            help="table: layers, to read here (default); csv and parquet: a row for each unit; "
            "json: everything; html: a report that opens from disk",
        )
        parser.add_argument("--out", type=Path, metavar="PATH", help="a file instead of stdout")
        parser.add_argument(
            "--answers",
            choices=["people", "simulated"],
            help="whose answers; by default people's as soon as there are any",
        )

    def handle(self, *, study: str, out: Path | None, answers: Any, **options: Any) -> None:
        snapshot = take(_study(study), answers)
        report = whole(snapshot)
        if report.notice:
            print(f"Note: {report.notice}.", file=sys.stderr)
        if report.answer_count == 0:
            print(f"Study {study!r} has no answers that count yet.", file=sys.stderr)
        content = _written(report, options["format"])
        if out is not None:
            self._write(out, content)
        elif options["format"] == "parquet":
            raise CommandError("Parquet is not text: say where to write it with --out PATH.")
        else:
            self.stdout.write(content.decode(), ending="")

    def _write(self, out: Path, content: bytes) -> None:
        try:
            write_atomically(out, [content])
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        print(f"Wrote {out}.", file=sys.stderr)


def _study(name: str) -> Study:
    study = Study.objects.filter(name=name).first()
    if study is None:
        there = ", ".join(Study.objects.order_by("name").values_list("name", flat=True))
        raise CommandError(
            f"There is no study {name!r}. "
            + (f"There are: {there}." if there else "There is none yet.")
        )
    return study


def _written(report: StudyReport, kind: str) -> bytes:
    if kind == "json":
        return (json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n").encode()
    if kind == "csv":
        return "".join(csv_lines(units_table(report))).encode()
    if kind == "parquet":
        return parquet(units_table(report))
    if kind == "html":
        # Imported here: it brings the libraries that draw figures.
        from annotator.results.page import standalone

        return standalone(report).encode()
    return text(precision_table(report)).encode()
