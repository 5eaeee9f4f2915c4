"""What a reader takes away: numbers, tables, figures, and the report as a file."""

import tempfile
from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.models import Snapshot, Study
from annotator.results.output.as_json import as_json
from annotator.results.output.exports import TABLE_NAMES, csv_lines, export_table
from annotator.results.output.exports.bundle import write_bundle
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import MEDIA_TYPES, WRITERS
from annotator.results.output.exports.registry import PRIVATE
from annotator.results.output.flow_chart import flow_as_file
from annotator.results.output.html import standalone_page
from annotator.results.output.snapshots import full_report, report_in
from annotator.results.output.tables import curves_table, flow_table, groups_table, precision_table
from annotator.views.access import for_readers, for_requesters, is_requester, is_simulated
from annotator.views.reader.snapshot import selection, with_snapshot

# What a figure was drawn from; the others are of groups.
BEHIND = {"precision": precision_table, "curves": curves_table, "flow": flow_table}


@require_safe
@for_readers
@with_snapshot
def results_json(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    found = as_json(full_report(snapshot))
    return JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_safe
@for_readers
@with_snapshot
def data(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    """Every table that can be taken away, and what its columns hold."""
    sheets = [export_table(name, study, snapshot) for name in _allowed(request, study)]
    context = {
        "study": study,
        "is_simulated": is_simulated(study),
        "snapshot": snapshot,
        "sheets": sheets,
        "formats": WRITERS,
    }
    return render(request, "results/data.html", context | selection(request))


@require_safe
@for_readers
@with_snapshot
def table(
    request: HttpRequest, study: Study, snapshot: Snapshot, name: str, kind: str
) -> StreamingHttpResponse:
    """A table as CSV, JSON or Parquet, streamed."""
    if name not in (*_allowed(request, study), "dictionary") or kind not in WRITERS:
        raise Http404(f"There is no table {name}.{kind}.")
    own = name == "dictionary"
    found = dictionary(study, snapshot) if own else export_table(name, study, snapshot)
    pieces = StreamingHttpResponse(WRITERS[kind](found))
    return as_attachment(pieces, MEDIA_TYPES[kind], f"{study}-{name}.{kind}")


@require_safe
@for_readers
@with_snapshot
def datasheet(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    told = HttpResponse(data_sheet(study, snapshot))
    return as_attachment(told, "text/markdown", f"{study}-datasheet.md")


@require_safe
@for_requesters
@with_snapshot
def bundle(request: HttpRequest, study: Study, snapshot: Snapshot) -> FileResponse:
    """The study in one file. For requesters: it holds workers' every answer."""
    file = tempfile.TemporaryFile()  # noqa: SIM115, the response closes it
    write_bundle(file, study, snapshot)
    file.seek(0)
    return as_attachment(FileResponse(file), "application/zip", f"{study}.bundle.zip")


@require_safe
@for_readers
@with_snapshot
def report_html(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    return as_attachment(
        HttpResponse(standalone_page(full_report(snapshot))), "text/html", f"{study}-report.html"
    )


@require_safe
@for_readers
@with_snapshot
def figure(
    request: HttpRequest, study: Study, snapshot: Snapshot, name: str, kind: str
) -> HttpResponse:
    """A figure as SVG, PDF or PNG, or the data behind it as CSV."""
    from annotator.results.output.figures import (  # which only drawing pays for
        FIGURES,
        FORMATS,
        as_file,
    )

    if name not in {*FIGURES, "flow"} or kind not in {*FORMATS, "csv"}:
        raise Http404(f"There is no figure {name}.{kind}.")
    found = report_in(snapshot)
    file = f"{study}-{name}.{kind}"
    if kind == "csv":
        data = BEHIND[name](found) if name in BEHIND else groups_table(found, name)
        return as_attachment(StreamingHttpResponse(csv_lines(data)), "text/csv", file)
    if name == "flow":
        drawn = flow_as_file(found.flow, kind, found.notice)
        return as_attachment(HttpResponse(drawn), FORMATS[kind], file)
    return as_attachment(
        HttpResponse(as_file(FIGURES[name](found, False), kind)), FORMATS[kind], file
    )


def _allowed(request: HttpRequest, study: Study) -> list[str]:
    return [
        name for name in TABLE_NAMES if name not in PRIVATE or is_requester(request, study.name)
    ]


def as_attachment(response: Any, kind: str, name: str) -> Any:
    response["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
