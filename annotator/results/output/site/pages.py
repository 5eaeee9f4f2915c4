"""The pages of a site: their contexts, and their HTML by address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.loader import get_template

from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.formatting import GROUP_NAMES, group_names
from annotator.results.output.headlines import (
    LayerGallery,
    best_named,
    chance_counts,
    chance_means,
    galleries,
)
from annotator.results.output.html import report_context
from annotator.results.output.site.addresses import root_of
from annotator.results.output.site.contents import Site
from annotator.results.report.detectors import is_detector
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.unit import UnitResult

UNITS_PER_PAGE = 60


@dataclass(frozen=True)
class Card:
    """A unit in a list: its address, its result if it has answers, and its tiles.

    Attributes:
        tiles: their numbers from 1; empty where no picture is published.
    """

    number: int
    address: str
    strip: str
    tiles: range
    result: UnitResult | None
    is_detector: bool
    activity: str


def site_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Make every page of a site: (address, HTML)."""
    yield _page(site, "index.html", "index", _index_context(site))
    report = report_context(site.report, figures_in(site.snapshot))
    report |= {"is_standalone": True, "definitions_page": ""}  # it holds its definitions
    yield _page(site, "report.html", "report", report)
    yield _page(site, "search.html", "search", {"layers": site.layers})
    yield _page(site, "data.html", "data", {})
    yield _page(site, "definitions.html", "definitions", {})
    for network, layer in site.layers:
        yield from _layer_pages(site, network, layer)
        yield from _unit_pages(site, network, layer)


def _page(site: Site, address: str, name: str, context: dict[str, Any]) -> tuple[str, str]:
    root = root_of(address)
    common = {
        "root": root,
        "definitions": site.definitions,
        "definitions_page": f"{root}definitions.html",
        "kinds": site.control_kinds,
        "study": site.study,
        "snapshot": site.snapshot,
        "report": site.report,
        "has_pictures": bool(site.tile_counts),
        "group_names": group_names(),
    }
    return address, get_template(f"site/{name}.html").render(common | context)


def _index_context(site: Site) -> dict[str, Any]:
    detecting = galleries(site.report, _units_of)
    places = {layer.id: place for place, (_, layer) in enumerate(site.layers)}
    shown = [
        (gallery, _gallery_cards(site, gallery), places[gallery.layer.id])
        for gallery in detecting or best_named(site.report, _units_of)
    ]
    return {
        "rows": [
            (network, layer, site.addresses.layer(layer.id), _beside_chance(layer))
            for network, layer in site.layers
        ],
        "galleries": shown,
        "has_detectors": bool(detecting),
        "detector_count": sum(layer.detectors.unit_count for _, layer in site.layers),
        "unit_count": sum(layer.unit_count for _, layer in site.layers),
        "dead_count": sum(layer.activity_counts["dead"] for _, layer in site.layers),
    }


def _units_of(layer: LayerResult) -> tuple[UnitResult, ...]:
    return layer.units


def _gallery_cards(site: Site, gallery: LayerGallery) -> list[Card]:
    units = [unit for _, of_class in gallery.classes for unit in of_class]
    return [_card(site, gallery.layer, unit.unit, unit) for unit in units]


def _card(site: Site, layer: LayerResult, number: int, result: UnitResult | None) -> Card:
    return Card(
        number=number,
        address=site.addresses.unit(layer.id, number),
        strip=site.addresses.strip(layer.id, number),
        tiles=range(1, 1 + site.tile_counts.get((layer.id, number), 0)),
        result=result,
        is_detector=result is not None and is_detector(result, site.report.threshold),
        activity=site.activity[layer.id].get(number, ""),
    )


def _layer_pages(
    site: Site, network: NetworkResult, layer: LayerResult
) -> Iterator[tuple[str, str]]:
    results = {unit.unit: unit for unit in layer.units}
    numbers = sorted(site.numbers[layer.id], key=lambda number: _rank(results.get(number), number))
    cards = [_card(site, layer, number, results.get(number)) for number in numbers]
    count = max(1, -(-len(cards) // UNITS_PER_PAGE))
    addresses = [site.addresses.layer(layer.id, page) for page in range(1, count + 1)]
    for page, address in enumerate(addresses):
        context = {
            "network": network,
            "layer": layer,
            "result": layer,
            **_beside_chance(layer),
            "cards": cards[page * UNITS_PER_PAGE : (page + 1) * UNITS_PER_PAGE],
            "page": page + 1,
            "addresses": addresses,
            "previous": addresses[page - 1] if page else "",
            "next": addresses[page + 1] if page + 1 < count else "",
        }
        yield _page(site, address, "layer", context)


def _beside_chance(layer: LayerResult) -> dict[str, Any]:
    return {"chances": chance_counts(layer), "mean_chances": chance_means(layer)}


def _rank(unit: UnitResult | None, number: int) -> tuple[float, int]:
    """Units of highest shrunken precision first, as on the reader's pages; unanswered ones last."""
    if unit is None:
        return 1.0, number
    return -(unit.precision if unit.shrunken is None else unit.shrunken), number


def _unit_pages(
    site: Site, network: NetworkResult, layer: LayerResult
) -> Iterator[tuple[str, str]]:
    results = {unit.unit: unit for unit in layer.units}
    numbers = site.numbers[layer.id]
    folder = site.addresses.layer(layer.id)
    for number, before, after in zip(numbers, [None, *numbers], [*numbers[1:], None], strict=False):
        result = results.get(number)
        context = {
            "network": network,
            "layer": layer,
            "layer_address": folder,
            "card": _card(site, layer, number, result),
            "result": result,
            "previous": before,
            "next": after,
            "votes": _votes(result),
            "same_concept_count": site.concept_counts[result.named.consensus] if result else 0,
        }
        yield _page(site, site.addresses.unit(layer.id, number), "unit", context)


def _votes(result: UnitResult | None) -> list[tuple[str, int]]:
    if result is None:
        return []
    return [(GROUP_NAMES[group], n) for group, n in result.group_votes.items() if n]
