"""Template context for similar units: a matrix of correlations, and pairs as pictures."""

from annotator.models import Analysis, Unit
from annotator.results.stats.jaccard import chance_jaccard
from annotator.views.lab.lookups import (
    Context,
    report_context,
    unit_keys,
    unit_link,
    unit_results,
)
from annotator.views.reader.exemplar_tiles import tiles_of

MAX_PAIRS = 200
MAX_MATRIX_UNITS = 40  # of a matrix whose labels can be read
DRAWN_PAIRS, TILES_PER_UNIT = 6, 4
CELL = 16  # side of a matrix cell, in units of the SVG
# From blue at -1 through white at 0 to red at 1, after ColorBrewer's RdBu.
NEGATIVE, ZERO, POSITIVE = (33, 102, 172), (247, 247, 247), (178, 24, 43)


def correlation_color(value: float | None) -> str:
    """The color of a correlation in the lab's matrix, as SVG takes it; gray if it has none.

    >>> correlation_color(0.0)
    '#f7f7f7'
    """
    if value is None:
        return "#bbbbbb"
    end = POSITIVE if value > 0 else NEGATIVE
    share = min(1.0, abs(value))
    mixed = (round(a + share * (b - a)) for a, b in zip(ZERO, end, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def alike(analysis: Analysis) -> Context:
    """Template context for results of the lab's `alike` analysis: pairs, most similar first.

    Units come with what people named them.
    """
    keys, results = unit_keys(analysis), unit_results(analysis)
    image_count = analysis.result["image_count"]
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [unit_link(keys, name, number, results) for number in layer["units"]]
        pairs = [
            (b, a, layer["correlation"][i][j], layer["overlap"][i][j])
            for i, a in enumerate(units)
            for j, b in enumerate(units[:i])
        ]
        pairs.sort(key=lambda pair: -2 if pair[2] is None else pair[2], reverse=True)
        rows.append({
            "name": name, "of": layer["of"], "chance": chance_jaccard(layer["of"], image_count),
            "pairs": pairs[:MAX_PAIRS], "drawn": drawn_pairs(pairs[:DRAWN_PAIRS]),
            "matrix": matrix(units, layer["correlation"]),
        })  # fmt: skip
    return {"layers": rows, "image_count": image_count} | report_context(analysis)


def newest_matrix(analysis: Analysis) -> Context:
    """Template context for the card of the lab's `alike` analysis: the matrix of one layer."""
    keys, results = unit_keys(analysis), unit_results(analysis)
    for name, layer in analysis.result["layers"].items():
        units = [unit_link(keys, name, number, results) for number in layer["units"]]
        return {"matrix": matrix(units, layer["correlation"])}
    return {"matrix": None}


def drawn_pairs(pairs: list[tuple[Context, Context, float, float]]) -> list[Context]:
    """The lab's most similar pairs of units, each with its top images; none without pages."""
    wanted = {unit["pk"] for pair in pairs for unit in pair[:2] if unit["pk"]}
    units = Unit.objects.filter(pk__in=wanted).select_related("layer__network")
    tiles = tiles_of(units.prefetch_related("hits"), TILES_PER_UNIT)
    return [
        {
            "sides": [unit | {"tiles": tiles[unit["pk"]]} for unit in (first, second)],
            "correlation": correlation,
            "overlap": overlap,
        }
        for first, second, correlation, overlap in pairs
        if first["pk"] in tiles and second["pk"] in tiles
    ]


def matrix(units: list[Context], correlation: list[list[float | None]]) -> Context | None:
    """The cells and labels of the lab's matrix, units of one name side by side.

    None if there are too many units to read their labels, or fewer than two.
    """
    if not 2 <= len(units) <= MAX_MATRIX_UNITS:
        return None
    order = sorted(
        range(len(units)),
        key=lambda i: (not units[i]["name"], units[i]["name"], int(units[i]["number"])),
    )
    texts = [f"{units[i]['number']} {units[i]['name']}".strip() for i in order]
    margin = 7 * max(map(len, texts)) + CELL
    cells = [
        {
            "x": margin + CELL * column,
            "y": CELL * row,
            "color": correlation_color(correlation[i][j]),
            "title": f"{texts[row]} and {texts[column]}: "
            + ("no correlation" if correlation[i][j] is None else f"{correlation[i][j]:.2f}"),
        }
        for row, i in enumerate(order)
        for column, j in enumerate(order)
    ]
    labels = [{"y": CELL * row + CELL - 4, "text": text} for row, text in enumerate(texts)]
    side = CELL * len(units)
    return {"cells": cells, "labels": labels, "margin": margin, "width": margin + side,
            "height": side, "cell": CELL, "end": margin - 4}  # fmt: skip
