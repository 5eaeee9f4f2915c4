"""The reader's pages: reports, layers, units, and what can be downloaded."""

from typing import Any

from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.models import Layer, Role, Study, Unit
from annotator.results.answers import Crowd
from annotator.results.definitions import definitions
from annotator.results.exports import csv_lines
from annotator.results.figures import FIGURES, FORMATS, as_file
from annotator.results.jsonable import as_json
from annotator.results.page import report_context, standalone
from annotator.results.report import StudyReport
from annotator.results.tables import (
    agreement_table,
    groups_table,
    precision_table,
    units_table,
)
from annotator.results.words import GROUP_NAMES
from annotator.views.access import for_readers, studies_for
from annotator.views.current_report import current_figures, current_report
from annotator.views.exemplars import dissected_masks, tiles_of
from annotator.views.layer_page import ORDERS, layer_units
from annotator.views.unit_page import unit_context

TABLES = {"units": units_table, "layers": precision_table, "agreement": agreement_table}
UNITS_A_PAGE = 25
TILES = 5


@require_safe
@for_readers
def results(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "results/results.html",
        {"studies": studies_for(request, Role.READER).order_by("name")},
    )


@require_safe
@for_readers
def report(request: HttpRequest, study: str) -> HttpResponse:
    found = get_object_or_404(Study, name=study)
    crowd = _crowd(request)
    context = report_context(current_report(found, crowd), current_figures(found, crowd))
    return render(request, "results/report.html", context | _kept(request))


@require_safe
@for_readers
def results_json(request: HttpRequest, study: str) -> HttpResponse:
    found = as_json(_report(request, study))
    return JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_safe
@for_readers
def table(request: HttpRequest, study: str, name: str) -> HttpResponse:
    """A table of the report as CSV."""
    if name not in TABLES:
        raise Http404(f"There is no table {name}: there are {', '.join(TABLES)}.")
    lines = csv_lines(TABLES[name](_report(request, study)))
    return _attached(StreamingHttpResponse(lines), "text/csv", f"{study}-{name}.csv")


@require_safe
@for_readers
def report_html(request: HttpRequest, study: str) -> HttpResponse:
    found = standalone(_report(request, study))
    return _attached(HttpResponse(found), "text/html", f"{study}-report.html")


@require_safe
@for_readers
def figure(request: HttpRequest, study: str, name: str, kind: str) -> HttpResponse:
    """A figure as SVG, PDF or PNG, or the data behind it as CSV."""
    if name not in FIGURES or kind not in {*FORMATS, "csv"}:
        raise Http404(f"There is no figure {name}.{kind}.")
    found = _report(request, study)
    file = f"{study}-{name}.{kind}"
    if kind == "csv":
        data = precision_table(found) if name == "precision" else groups_table(found, name)
        return _attached(StreamingHttpResponse(csv_lines(data)), "text/csv", file)
    drawn = as_file(FIGURES[name](found, False), kind)
    return _attached(HttpResponse(drawn), FORMATS[kind], file)


@require_safe
@for_readers
def layer(request: HttpRequest, study: str, pk: int) -> HttpResponse:
    found = get_object_or_404(Layer.objects.select_related("network__study"), pk=pk)
    if found.network.study.name != study:
        raise Http404
    made = _report(request, study)
    rows = layer_units(found, made, request.GET)
    page = Paginator(rows, UNITS_A_PAGE).get_page(request.GET.get("page"))
    units = Unit.objects.filter(pk__in=[row.pk for row in page])
    tiles = tiles_of(units.select_related("layer__network").prefetch_related("hits"), TILES)
    context = {
        "study": study,
        "layer": found,
        "page": page,
        "tiles": tiles,
        "asked": request.GET,
        "orders": ORDERS.items(),
        "report": made,
        "group_names": GROUP_NAMES,
        "definitions": definitions(made.threshold),
    }
    return render(request, "results/layer.html", context | _kept(request))


@require_safe
@for_readers
def unit(request: HttpRequest, study: str, pk: int) -> HttpResponse:
    units = Unit.objects.select_related("layer__network__study").prefetch_related("hits")
    found = get_object_or_404(units, pk=pk, layer__network__study__name=study)
    made = _report(request, study)
    return render(request, "results/unit.html", unit_context(found, made) | _kept(request))


@require_safe
@for_readers
def unit_masks(request: HttpRequest, pk: int) -> HttpResponse:
    readable = Unit.objects.filter(layer__network__study__in=studies_for(request, Role.READER))
    found = get_object_or_404(readable.select_related("layer__network"), pk=pk)
    try:
        sheet = dissected_masks(found)
    except OSError as error:
        raise Http404(str(error)) from error
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse(sheet, content_type="image/png", headers=headers)


def _report(request: HttpRequest, study: str) -> StudyReport:
    return current_report(get_object_or_404(Study, name=study), _crowd(request))


def _crowd(request: HttpRequest) -> Crowd | None:
    asked = request.GET.get("answers")
    if asked == "people":
        return "people"
    return "simulated" if asked == "simulated" else None


def _kept(request: HttpRequest) -> dict[str, Any]:
    """What links keep: whose answers the reader asked for."""
    crowd = _crowd(request)
    return {"keep": f"?answers={crowd}" if crowd else "", "crowd_asked": crowd or ""}


def _attached(response: Any, kind: str, name: str) -> Any:
    response["Content-Type"] = (
        kind if "/svg" in kind or "text" not in kind else f"{kind}; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
