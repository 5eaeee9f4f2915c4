"""Template contexts for analyses of layers: lists, filters, fields, comparisons, similar units."""

from annotator.models import Analysis
from annotator.results.stats.jaccard import chance_jaccard
from annotator.views.lab.analyses import FILLS
from annotator.views.lab.lookups import (
    Context,
    images_by_path,
    picture_url,
    report_context,
    unit_keys,
    unit_link,
    unit_results,
)

MAX_PAIRS = 200


def layers(analysis: Analysis) -> Context:
    dissected = set(analysis.network.layers.values_list("name", flat=True))
    rows = [row | {"dissected": row["name"] in dissected} for row in analysis.result["layers"]]
    return {"layers": rows}


def filters(analysis: Analysis) -> Context:
    rows = [
        layer
        | {
            "name": name,
            "picture": picture_url(analysis, f"{name}.png"),
            "vector": picture_url(analysis, f"{name}.svg"),
        }
        for name, layer in analysis.result["layers"].items()
    ]
    return {"layers": rows}


def receptive_field(analysis: Analysis) -> Context:
    rows = [
        layer | {"name": name, "address": picture_url(analysis, layer["sheet"])}
        for name, layer in analysis.result["layers"].items()
    ]
    settings = analysis.result["settings"]
    return {"layers": rows, "settings": settings, "fill": dict(FILLS)[settings["fill"]]}


def compare(analysis: Analysis) -> Context:
    layer_pairs = analysis.result["layers"]
    paths = [top["image"] for pair in layer_pairs for tops in pair["top"] for top in tops]
    images = images_by_path(analysis, paths)
    pairs = [
        pair
        | {"sides": [[(top, images.get(top["image"])) for top in tops] for tops in pair["top"]]}
        for pair in layer_pairs
    ]
    other = analysis.network.study.networks.filter(pk=analysis.request["other"]).first()
    return {
        "pairs": pairs,
        "names": [analysis.network.name, other.name if other else "a deleted network"],
        "image_count": analysis.result["image_count"],
        "sheet": picture_url(analysis, "compare.png"),
        "vector": picture_url(analysis, "compare.svg"),
    }


def concepts(analysis: Analysis) -> Context:
    """Template context for results of the lab's `concepts` analysis: units, best match first.

    Units come with what people named them.
    """
    keys, results = unit_keys(analysis), unit_results(analysis)
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [
            match | unit_link(keys, name, number) | {"result": results.get(name, {}).get(number)}
            for number, match in sorted(layer["units"].items(), key=lambda item: -item[1]["iou"])
        ]
        named = [unit for unit in units if unit["result"] and unit["result"].named.consensus]
        same = [unit for unit in named if unit["result"].named.consensus == unit["concept"].lower()]
        rows.append({
            "name": name, "sheet": picture_url(analysis, layer["sheet"]), "units": units,
            "agreement": (len(same), len(named)),
        })  # fmt: skip
    return {"layers": rows, "image_count": analysis.result["image_count"]} | report_context(
        analysis
    )


def alike(analysis: Analysis) -> Context:
    """Template context for results of the lab's `alike` analysis: pairs, most similar first.

    Units come with what people named them.
    """
    keys, results = unit_keys(analysis), unit_results(analysis)
    image_count = analysis.result["image_count"]
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [
            unit_link(keys, name, number) | {"result": results.get(name, {}).get(str(number))}
            for number in layer["units"]
        ]
        pairs = [
            (b, a, layer["correlation"][i][j], layer["overlap"][i][j])
            for i, a in enumerate(units)
            for j, b in enumerate(units[:i])
        ]
        pairs.sort(key=lambda pair: -2 if pair[2] is None else pair[2], reverse=True)
        rows.append({
            "name": name, "of": layer["of"], "chance": chance_jaccard(layer["of"], image_count),
            "pairs": pairs[:MAX_PAIRS],
        })  # fmt: skip
    return {"layers": rows, "image_count": image_count} | report_context(analysis)
