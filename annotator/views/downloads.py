"""What a reader takes away: numbers, tables, figures, and the report as a file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from annotator.models import Snapshot, Study
from annotator.results.exports import csv_lines
from annotator.results.figures import FIGURES, FORMATS, as_file
from annotator.results.jsonable import as_json
from annotator.results.page import standalone
from annotator.results.snapshots import report_in, whole
from annotator.results.tables import agreement_table, groups_table, precision_table, units_table
from annotator.views.access import for_readers
from annotator.views.snapshot import from_snapshot

TABLES = {"units": units_table, "layers": precision_table, "agreement": agreement_table}


@require_safe
@for_readers
@from_snapshot
def results_json(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    found = as_json(whole(snapshot))
    return JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_safe
@for_readers
@from_snapshot
def table(request: HttpRequest, study: Study, snapshot: Snapshot, name: str) -> HttpResponse:
    """A table of the report as CSV."""
    if name not in TABLES:
        raise Http404(f"There is no table {name}: there are {', '.join(TABLES)}.")
    lines = csv_lines(TABLES[name](whole(snapshot)))
    return attached(StreamingHttpResponse(lines), "text/csv", f"{study}-{name}.csv")


@require_safe
@for_readers
@from_snapshot
def report_html(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    return attached(HttpResponse(standalone(whole(snapshot))), "text/html", f"{study}-report.html")


@require_safe
@for_readers
@from_snapshot
def figure(
    request: HttpRequest, study: Study, snapshot: Snapshot, name: str, kind: str
) -> HttpResponse:
    """A figure as SVG, PDF or PNG, or the data behind it as CSV."""
    if name not in FIGURES or kind not in {*FORMATS, "csv"}:
        raise Http404(f"There is no figure {name}.{kind}.")
    found = report_in(snapshot)
    file = f"{study}-{name}.{kind}"
    if kind == "csv":
        data = precision_table(found) if name == "precision" else groups_table(found, name)
        return attached(StreamingHttpResponse(csv_lines(data)), "text/csv", file)
    return attached(HttpResponse(as_file(FIGURES[name](found, False), kind)), FORMATS[kind], file)


def attached(response: Any, kind: str, name: str) -> Any:
    response["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
