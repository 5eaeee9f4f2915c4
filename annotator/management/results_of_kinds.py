"""Results of kinds of networks, each with several training runs: `results --kind`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from annotator.management.results_of_study import opened_study, print_notices, table_pieces
from annotator.results.output.exports.formats import plain_text
from annotator.results.output.exports.registry import described
from annotator.results.output.snapshots.stored_reports import report_in
from annotator.results.output.tables import kinds_table
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.training_runs import NotOffered, kind_statements, refuse_few_runs
from annotator.tasks import current_snapshot


def of_kinds(study: str | None, bundle: Path | None, **options: Any) -> Iterable[bytes]:
    """Print the results of kinds of networks: the statements about them, as a table or JSON."""
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
    return table_pieces(made, options["format"])


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
            opened_study(of, options["early"]), options["answers"], options["variant"]
        )
        reports[of] = report_in(snapshot)
        print_notices(reports[of])
    for one in reports[of].networks:
        if network in (one.name, one.display_name):
            return one
    names = ", ".join(one.display_name or one.name for one in reports[of].networks)
    raise CommandError(f"Study {of!r} has no network {network!r}. It has: {names}.")
