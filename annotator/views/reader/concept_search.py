"""The page that searches concepts across networks, with the top images of their units."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.models import Snapshot, Study, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.concept_index import (
    ConceptEntry,
    ConceptUse,
    concept_index,
    matching_entries,
)
from annotator.results.report.reported_numbers.registry import definitions
from annotator.views.access import for_readers
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import selection, with_snapshot

CONCEPTS_PER_PAGE = 20
MAX_UNITS = 6  # shown of one network
TILES = 4
DEFINED = {"concept", "merge_version", "detectors", "precision", "shrunken"}  # on the page


@require_safe
@for_readers
@with_snapshot
def named(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    report = report_in(snapshot)
    networks = {network.name: network.display_name for network in report.networks}
    layers = (
        (network.name, layer.id, layer.display_name, units_in(snapshot, layer.id))
        for network, layer in report.all_layers()
    )
    entries = concept_index(layers, report.threshold)
    part, where = request.GET.get("q", ""), request.GET.get("where", "")
    matching = matching_entries(entries, part, where)
    page = Paginator(matching, CONCEPTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study.name,
        "report": report,
        "snapshot": snapshot,
        "networks": list(networks.items()),
        "page": page,
        "concept_count": len(entries),
        "rows": _rows(study, list(page), networks),
        "query": {"q": part, "where": where},
        "definitions": definitions(report.threshold, DEFINED),
    }
    return render(request, "results/named.html", context | selection(request))


def _rows(
    study: Study, entries: Sequence[ConceptEntry], networks: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each concept with its units by network; the first unit of each network has pictures."""
    uses = [of_network for entry in entries for of_network in entry.uses_by_network.values()]
    units = _units(study, [use for of_network in uses for use in of_network[:MAX_UNITS]])
    first_units = [units[of_network[0].layer_id, of_network[0].unit] for of_network in uses]
    tiles = tiles_of(first_units, TILES)
    return [
        {
            "concept": entry.concept,
            "entry": entry,
            "columns": [_column(*network, entry, units, tiles) for network in networks.items()],
        }
        for entry in entries
    ]


def _units(study: Study, uses: Iterable[ConceptUse]) -> dict[tuple[int, int], Unit]:
    """The units of some uses, by (layer, number)."""
    selected = Q(pk__in=[])
    for use in uses:
        selected |= Q(layer=use.layer_id, number=use.unit)
    units = Unit.objects.filter(selected, layer__network__study=study)
    units = units.select_related("layer__network__study").prefetch_related("hits")
    return {(unit.layer_id, unit.number): unit for unit in units}


def _column(
    network: str, display_name: str, entry: ConceptEntry, units: dict, tiles: dict
) -> dict[str, Any]:
    uses = entry.uses_by_network.get(network, ())
    shown = [(use, units[use.layer_id, use.unit]) for use in uses[:MAX_UNITS]]
    return {
        "network": display_name,
        "units": shown,
        "more": len(uses) - len(shown),
        "detector_count": sum(use.is_detector for use in uses),
        "tiles": tiles[shown[0][1].pk] if shown else [],
    }
