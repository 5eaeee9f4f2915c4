"""Layers and units, page by page."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.dissection_reader.regions import count_regions
from annotator.models import Layer, Role, Snapshot, Study, Unit
from annotator.results.definitions import definitions
from annotator.results.output.formatting import GROUP_NAMES
from annotator.results.output.snapshots import report_in, units_in
from annotator.views.access import for_readers, studies_for
from annotator.views.reader.exemplar_tiles import dissected_masks, tiles_of
from annotator.views.reader.layer_page import ORDERS, USUAL, layer_units
from annotator.views.reader.snapshot import selection, with_snapshot
from annotator.views.reader.unit_page import unit_context

# View of a layer: (units a page, pictures a unit).
VIEWS = {"list": (25, 5), "grid": (60, 3)}
# What a page of a layer links to.
DEFINED = {
    *("units_answered", "counted", "return_rate", "precision", "precision_interval", "shrunken"),
    *("concept", "group", "verified"),
}


@require_safe
@for_readers
@with_snapshot
def layer(request: HttpRequest, study: Study, snapshot: Snapshot, pk: int) -> HttpResponse:
    found = get_object_or_404(Layer.objects.select_related("network"), pk=pk, network__study=study)
    report = report_in(snapshot)
    rows = layer_units(found, units_in(snapshot, pk), request.GET)
    view = "grid" if request.GET.get("view") == "grid" else "list"
    unit_count, tile_count = VIEWS[view]
    page = Paginator(rows, unit_count).get_page(request.GET.get("page"))
    units = Unit.objects.filter(pk__in=[row.pk for row in page])
    tiles = tiles_of(units.select_related("layer__network").prefetch_related("hits"), tile_count)
    context = {
        "study": study.name,
        "layer": found,
        "page": page,
        "tiles": tiles,
        "regions": count_regions(Unit.objects.filter(layer=found)),
        "asked": request.GET,
        "view": view,
        "order": request.GET.get("order") if request.GET.get("order") in ORDERS else USUAL,
        "orders": [(key, words) for key, (words, _) in ORDERS.items()],
        "keep_all": f"?{request.GET.urlencode()}" if request.GET else "",
        "report": report,
        "snapshot": snapshot,
        "group_names": GROUP_NAMES,
        "definitions": definitions(report.threshold, DEFINED),
    }
    return render(request, "results/layer.html", context | selection(request))


@require_safe
@for_readers
@with_snapshot
def unit(request: HttpRequest, study: Study, snapshot: Snapshot, pk: int) -> HttpResponse:
    units = Unit.objects.select_related("layer__network__study").prefetch_related("hits")
    found = get_object_or_404(units, pk=pk, layer__network__study=study)
    context = unit_context(found, snapshot) | selection(request)
    # The way back leads to the same page of the same list.
    context["keep_all"] = f"?{request.GET.urlencode()}" if request.GET else ""
    return render(request, "results/unit.html", context)


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
