"""What every form of a study's results begins with, and its tables."""

import sys
from collections.abc import Iterable

from django.core.management.base import CommandError

from annotator.crowd.audit import COMMAND
from annotator.crowd.review.looks import look_early, open_results, why_hidden
from annotator.management.questions import can_ask, says_yes
from annotator.models import Study
from annotator.results.output.exports.columns import ExportTable
from annotator.results.output.exports.formats import WRITERS
from annotator.results.report.report import StudyReport


def opened_study(name: str, is_early: bool) -> Study:
    """The study that the command `results` is for, if its results may be seen.

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


def print_notices(report: StudyReport) -> None:
    """Print, before the results of a study, what their reader has to know first, to stderr."""
    if report.notice:
        print(f"Note: {report.notice}.", file=sys.stderr)
    if report.answer_count == 0:
        print(f"Study {report.study!r} has no answers that count yet.", file=sys.stderr)


def table_pieces(table: ExportTable, kind: str) -> Iterable[bytes]:
    """The table of a study's results that the command `results` writes, in pieces.

    Raises:
        CommandError: tables are not written in this format.
    """
    if kind not in WRITERS:
        raise CommandError(f"A table is written as {', '.join(WRITERS)}: say --format.")
    return WRITERS[kind](table)
