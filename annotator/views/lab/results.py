"""Answers of analyses as their templates want them: numbers beside addresses of pictures."""

from collections.abc import Callable

from annotator.models import Analysis
from annotator.results.report.detectors import chance_jaccard
from annotator.views.lab.answers import Context, address, said_of, told_by, unit_pages, views_of
from annotator.views.lab.image_questions import FILLS
from annotator.views.lab.image_results import activations, minimal_image, occlusion, scenes

MOST_PAIRS = 200


def layers(analysis: Analysis) -> Context:
    dissected = set(analysis.network.layers.values_list("name", flat=True))
    rows = [one | {"dissected": one["name"] in dissected} for one in analysis.result["layers"]]
    return {"layers": rows}


def filters(analysis: Analysis) -> Context:
    found = analysis.result["layers"]
    return {
        "layers": [
            one
            | {
                "name": name,
                "picture": address(analysis, f"{name}.png"),
                "vector": address(analysis, f"{name}.svg"),
            }
            for name, one in found.items()
        ]
    }


def receptive_field(analysis: Analysis) -> Context:
    rows = [
        one | {"name": name, "address": address(analysis, one["sheet"])}
        for name, one in analysis.result["layers"].items()
    ]
    settings = analysis.result["settings"]
    return {"layers": rows, "settings": settings, "fill": dict(FILLS)[settings["fill"]]}


def compare(analysis: Analysis) -> Context:
    found = analysis.result
    paths = [one["image"] for pair in found["layers"] for top in pair["top"] for one in top]
    images = views_of(analysis, paths)
    pairs = [
        pair
        | {
            "sides": [[(one, images.get(one["image"])) for one in top] for top in pair["top"]],
        }
        for pair in found["layers"]
    ]
    others = analysis.network.study.networks.filter(pk=analysis.asked["other"])
    return {
        "pairs": pairs,
        "names": [analysis.network.name, getattr(others.first(), "name", "no longer here")],
        "found": found,
        "sheet": address(analysis, "compare.png"),
        "vector": address(analysis, "compare.svg"),
    }


def concepts(analysis: Analysis) -> Context:
    """The units of each layer, the best match first, beside what people said of them."""
    pages, said = unit_pages(analysis), said_of(analysis)
    rows = []
    for name, one in analysis.result["layers"].items():
        units = [
            found
            | {
                "number": number,
                "pk": pages.get(name, {}).get(number),
                "said": said.get(name, {}).get(number),
            }
            for number, found in sorted(one["units"].items(), key=lambda item: -item[1]["iou"])
        ]
        named = [unit for unit in units if unit["said"] and unit["said"].named.consensus]
        same = [one for one in named if one["said"].named.consensus == one["concept"].lower()]
        rows.append({
            "name": name, "sheet": address(analysis, one["sheet"]), "units": units,
            "agreement": (len(same), len(named)),
        })  # fmt: skip
    return {"layers": rows, "image_count": analysis.result["image_count"]} | told_by(analysis)


def alike(analysis: Analysis) -> Context:
    """Pairs of units with what people call them, the most alike first."""
    rows = []
    count, said, pages = analysis.result["image_count"], said_of(analysis), unit_pages(analysis)
    for name, one in analysis.result["layers"].items():
        units = [
            {
                "number": number,
                "pk": pages.get(name, {}).get(str(number)),
                "said": said.get(name, {}).get(str(number)),
            }
            for number in one["units"]
        ]
        pairs = [
            (b, a, one["correlation"][i][j], one["overlap"][i][j])
            for i, a in enumerate(units)
            for j, b in enumerate(units[:i])
        ]
        pairs.sort(key=lambda pair: -2 if pair[2] is None else pair[2], reverse=True)
        rows.append({"name": name, "of": one["of"], "chance": chance_jaccard(one["of"], count),
                     "pairs": pairs[:MOST_PAIRS]})  # fmt: skip
    return {"layers": rows, "image_count": count} | told_by(analysis)


SHOWN: dict[str, Callable[[Analysis], Context]] = {
    "layers": layers,
    "filters": filters,
    "activations": activations,
    "occlusion": occlusion,
    "minimal-image": minimal_image,
    "receptive-field": receptive_field,
    "compare": compare,
    "concepts": concepts,
    "alike": alike,
    "scenes": scenes,
}
