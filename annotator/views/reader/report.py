"""The list of studies, the report of a study its gallery of detectors, and what its paper needs."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.models import Role, Snapshot, Study, Unit, Worker
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.output.ethics import ethics_checklist, ethics_paragraph
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.headlines import LayerGallery
from annotator.results.output.html import report_context
from annotator.results.output.paper import bibtex, checklist, methods_section
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.reported_numbers.registry import definitions
from annotator.views.access import for_readers, studies_for
from annotator.views.reader.exemplar_tiles import Tile, tiles_of
from annotator.views.reader.snapshot import (
    selection,
    threshold_choices,
    with_snapshot,
)

TILES = 5  # of a unit
# The definitions that the paper's page links to.
PAPER_DEFINED = {"flow", "plan", "comparison", "comparison_p"}


def gallery_tiles(galleries: Sequence[LayerGallery]) -> dict[int, dict[int, list[Tile]]]:
    """What the report page shows as its gallery: top images of object detectors."""
    selected = Q(pk__in=[])
    for gallery in galleries:
        numbers = [unit.unit for _, units in gallery.classes for unit in units]
        selected |= Q(layer=gallery.layer.id, number__in=numbers)
    units = Unit.objects.filter(selected).select_related("layer__network").prefetch_related("hits")
    tiles = tiles_of(units, TILES)
    by_layer: dict[int, dict[int, list[Tile]]] = {gallery.layer.id: {} for gallery in galleries}
    for unit in units:
        by_layer[unit.layer_id][unit.number] = tiles[unit.pk]
    return by_layer


@require_safe
@for_readers
def results(request: HttpRequest) -> HttpResponse:
    simulated = Worker.objects.filter(study=OuterRef("pk"), kind=Worker.Kind.SIMULATED)
    studies = studies_for(request, Role.READER).annotate(is_simulated=Exists(simulated))
    return render(request, "results/results.html", {"studies": studies.order_by("name")})


@require_safe
@for_readers
@with_snapshot
def report(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    context = report_context(
        report_in(snapshot), figures_in(snapshot), lambda layer: units_in(snapshot, layer.id)
    )
    context |= {
        "snapshot": snapshot,
        "is_stale": snapshot.state != data_fingerprint(study),
        "gallery_tiles": gallery_tiles(context["galleries"]),
        "threshold_choices": threshold_choices(study, context["report"].threshold),
        "study_threshold": study.threshold,
    }
    return render(request, "results/report.html", context | selection(request))


@require_safe
@for_readers
@with_snapshot
def all_definitions(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    """Page: what every number of a report means."""
    report = report_in(snapshot)
    context = {
        "study": study.name,
        "report": report,
        "definitions": definitions(report.threshold),
    }
    return render(request, "results/definitions.html", context | selection(request))


@require_safe
@for_readers
@with_snapshot
def paper(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    """Page: what a paper needs from the report of a study: methods, ethics, checklists, BibTeX."""
    report = report_in(snapshot)
    context = {
        **report_context(report, {}),
        "study": study,
        "snapshot": snapshot,
        "methods": methods_section(study, snapshot),
        "ethics": ethics_paragraph(study, report),
        "ethics_checklist": ethics_checklist(study, report),
        "checklist": checklist(study, snapshot),
        "bibtex": bibtex(),
        "definitions": definitions(report.threshold, PAPER_DEFINED),
    }
    return render(request, "results/paper.html", context | selection(request))
