"""Search by concept across networks: what both have, what only one has, with their top images."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.models import Snapshot, Study, Unit
from annotator.results.definitions import definitions
from annotator.results.output.snapshots import report_in, units_in
from annotator.results.report.concept_index import ConceptEntry, concept_index, matching_entries
from annotator.views.access import for_readers
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import selection, with_snapshot

CONCEPTS_A_PAGE = 20
UNITS_SHOWN = 6  # of one network
TILES = 4
DEFINED = {"concept", "merge_version", "detectors", "precision", "shrunken"}  # on the page


@require_safe
@for_readers
@with_snapshot
def named(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    report = report_in(snapshot)
    layers = (
        (network.name, layer.id, layer.name, units_in(snapshot, layer.id))
        for network in report.networks
        for layer in network.layers
    )
    entries = concept_index(layers, report.threshold)
    part, where = request.GET.get("q", ""), request.GET.get("where", "")
    page = Paginator(matching_entries(entries, part, where), CONCEPTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "study": study.name,
        "report": report,
        "snapshot": snapshot,
        "networks": [network.name for network in report.networks],
        "page": page,
        "concept_count": len(entries),
        "rows": _rows(study, page, [network.name for network in report.networks]),
        "asked": {"q": part, "where": where},
        "definitions": definitions(report.threshold, DEFINED),
    }
    return render(request, "results/named.html", context | selection(request))


def _rows(
    study: Study, entries: Iterable[ConceptEntry], networks: list[str]
) -> list[dict[str, Any]]:
    """Each concept with its units by network, the first of each with pictures."""
    entries = list(entries)
    every = [uses for one in entries for uses in one.uses_by_network.values()]
    shown = [use for uses in every for use in uses[:UNITS_SHOWN]]
    wanted = Q(pk__in=[])
    for use in shown:
        wanted |= Q(layer=use.layer_id, number=use.unit)
    found = Unit.objects.filter(wanted, layer__network__study=study)
    units = {
        (unit.layer_id, unit.number): unit
        for unit in found.select_related("layer__network").prefetch_related("hits")
    }
    first = [units[uses[0].layer_id, uses[0].unit] for uses in every]
    tiles = tiles_of(first, TILES)
    return [
        {
            "concept": one.concept,
            "entry": one,
            "columns": [_column(name, one, units, tiles) for name in networks],
        }
        for one in entries
    ]


def _column(network: str, entry: ConceptEntry, units: dict, tiles: dict) -> dict[str, Any]:
    uses = entry.uses_by_network.get(network, ())
    shown = [(use, units[use.layer_id, use.unit].pk) for use in uses[:UNITS_SHOWN]]
    return {
        "network": network,
        "units": shown,
        "more": len(uses) - len(shown),
        "detector_count": sum(use.is_detector for use in uses),
        "tiles": tiles[shown[0][1]] if shown else [],
    }
