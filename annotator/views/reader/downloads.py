"""What a reader downloads: numbers, tables, figures, and the report as a file."""

import tempfile
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotator.crowd.access.mixed_crowds import is_simulated
from annotator.models import Snapshot, Study
from annotator.results.output.as_json import as_json, json_pieces
from annotator.results.output.exports.bundle import write_bundle
from annotator.results.output.exports.dictionary import data_sheet, dictionary
from annotator.results.output.exports.formats import MEDIA_TYPES, WRITERS, csv_lines, for_excel
from annotator.results.output.exports.registry import SHARED, TABLE_NAMES, export_table
from annotator.results.output.figures.flow_chart import flow_chart
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.figures.rendering import IMAGE_TYPES, chart_as_file, svg_as_file
from annotator.results.output.html import standalone_page
from annotator.results.output.paper import as_markdown
from annotator.results.output.snapshots.stored_reports import full_report, report_in
from annotator.results.output.tables import (
    classes_table,
    curves_table,
    flow_table,
    groups_table,
    precision_table,
)
from annotator.tasks import current_snapshot
from annotator.views.access import for_readers, for_requesters, is_requester
from annotator.views.reader.snapshot import (
    requested_crowd,
    requested_variant,
    selection,
    with_snapshot,
)

# The table behind a figure; all other figures are of groups.
FIGURE_TABLES = {
    "precision": precision_table,
    "curves": curves_table,
    "flow": flow_table,
    "classes": classes_table,
}


@require_safe
@for_readers
@with_snapshot
def results_json(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    pieces = json_pieces(as_json(full_report(snapshot)))
    return HttpResponse(pieces, content_type="application/json")


@require_safe
@for_readers
@with_snapshot
def data(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    """Page: the downloads of a study, with every table and its columns."""
    context = {
        "study": study,
        "is_simulated": is_simulated(study),
        "snapshot": snapshot,
        "tables": [export_table(name, study, snapshot) for name in _readable(request, study)],
        "formats": WRITERS,
    }
    return render(request, "results/data.html", context | selection(request))


@require_safe
@for_readers
@with_snapshot
def table(
    request: HttpRequest, study: Study, snapshot: Snapshot, name: str, kind: str
) -> StreamingHttpResponse:
    """Download a table of a study as CSV (with `?excel` for Excel), JSON or Parquet, streamed."""
    if name not in (*_readable(request, study), "dictionary") or kind not in WRITERS:
        raise Http404(_("There is no table %(name)s.%(kind)s.") % {"name": name, "kind": kind})
    is_dictionary = name == "dictionary"
    exported = dictionary(study, snapshot) if is_dictionary else export_table(name, study, snapshot)
    pieces = WRITERS[kind](exported)
    if kind == "csv" and "excel" in request.GET:
        pieces = for_excel(pieces)
    response = StreamingHttpResponse(pieces)
    return as_attachment(response, MEDIA_TYPES[kind], f"{study}-{name}.{kind}")


@require_safe
@for_readers
@with_snapshot
def datasheet(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    return _markdown(data_sheet(study, snapshot), f"{study}-datasheet.md")


@require_safe
@for_readers
@with_snapshot
def paper_markdown(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    return _markdown(as_markdown(study, snapshot), f"{study}-methods.md")


@require_safe
@for_requesters
@with_snapshot
def bundle(request: HttpRequest, study: Study, snapshot: Snapshot) -> FileResponse:
    """Download a study in one file, for requesters: it has every answer of every worker.

    Its report is made of these answers, even if the pages still show an earlier one.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115, the response closes it
    write = partial(write_bundle, file)
    current_snapshot(study, requested_crowd(request), requested_variant(request), write)
    file.seek(0)
    return as_attachment(FileResponse(file), "application/zip", f"{study}.bundle.zip")


@require_safe
@for_readers
@with_snapshot
def report_html(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    page = HttpResponse(standalone_page(full_report(snapshot), figures_in(snapshot)))
    return as_attachment(page, "text/html", f"{study}-report.html")


@require_safe
@for_readers
@with_snapshot
def figure(
    request: HttpRequest, study: Study, snapshot: Snapshot, name: str, kind: str
) -> HttpResponse:
    """Download a figure of a report as SVG, PDF or PNG, or the table behind it as CSV."""
    # Imported here: only a request for a figure pays for the libraries that draw.
    from annotator.results.output.figures.charts import FIGURES

    if name not in {*FIGURES, "flow"} or kind not in {*IMAGE_TYPES, "csv"}:
        raise Http404(_("There is no figure %(name)s.%(kind)s.") % {"name": name, "kind": kind})
    report = report_in(snapshot)
    filename = f"{study}-{name}.{kind}"
    if kind == "csv":
        table_of = FIGURE_TABLES.get(name)
        numbers = table_of(report) if table_of else groups_table(report, name)
        return as_attachment(StreamingHttpResponse(csv_lines(numbers)), "text/csv", filename)
    if name == "flow":
        image = svg_as_file(flow_chart(report.flow, report.notice), kind)
    else:
        image = chart_as_file(FIGURES[name](report, False), kind)
    return as_attachment(HttpResponse(image), IMAGE_TYPES[kind], filename)


def as_attachment(response: Any, kind: str, filename: str) -> Any:
    response["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _markdown(text: str, filename: str) -> HttpResponse:
    return as_attachment(HttpResponse(text), "text/markdown", filename)


def _readable(request: HttpRequest, study: Study) -> list[str]:
    """The names of the tables that this reader may download."""
    return list(TABLE_NAMES if is_requester(request, study.name) else SHARED)
