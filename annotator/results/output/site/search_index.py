"""The data that the search page of a site reads: every unit with its names, as a script.

A script and not JSON, because a page that was opened from disk may not fetch files.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotator.results.output.formatting import GROUP_NAMES, rounded
from annotator.results.output.site.addresses import Addresses
from annotator.results.report.detectors import is_detector
from annotator.results.report.report import StudyReport
from annotator.results.report.unit import UnitResult


def search_index(
    report: StudyReport,
    addresses: Addresses,
    numbers: Mapping[int, Sequence[int]],
    tile_counts: Mapping[tuple[int, int], int],
) -> str:
    """The script that sets `SITE` to all units of a report, answered or not.

    Args:
        numbers: layer id to the numbers of its units.
        tile_counts: (layer id, unit number) to the tiles on its strip.
    """
    layers = [(network, layer) for network in report.networks for layer in network.layers]
    rows: list[list[Any]] = []
    for position, (_, layer) in enumerate(layers):
        results = {unit.unit: unit for unit in layer.units}
        for number in numbers[layer.id]:
            tiles = tile_counts.get((layer.id, number), 0)
            rows.append([position, number, tiles, *_facts(results.get(number), report.threshold)])
    site = {
        "layers": [
            [network.display_name, layer.display_name, addresses.folders[layer.id]]
            for network, layer in layers
        ],
        "groups": GROUP_NAMES,
        "units": rows,
    }
    text = json.dumps(site, ensure_ascii=True, separators=(",", ":"))
    # `<` cannot end a script, wherever somebody puts this text.
    return f"window.SITE = {text.replace('<', chr(92) + 'u003c')};\n"


def _facts(unit: UnitResult | None, threshold: float) -> list[Any]:
    """What a card of a unit shows, in the order of `Unit` in site-search.js."""
    if unit is None:
        return ["", None, 0, None, 0, "", None]
    name = unit.named.consensus or ""
    others = ", ".join(dict.fromkeys(word for word in _words(unit) if word != name))
    verified = unit.verified_consensus
    detects = rounded(unit.named.precision) if is_detector(unit, threshold) else None
    return [
        name,
        rounded(unit.precision),
        unit.group or 0,
        detects,
        int(unit.is_supported),
        others,
        rounded(verified.held_out if verified else None),
    ]


def _words(unit: UnitResult) -> Iterator[str]:
    yield from (word for word, _ in unit.named.votes)
    yield from (word for _, word in unit.machine_names)
