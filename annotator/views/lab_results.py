"""Answers of analyses as their templates want them: numbers beside addresses of pictures."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import reverse

from annotator.models import Analysis, Image, Unit
from annotator.results.appearances import chance
from annotator.results.detectors import OBJECT
from annotator.results.snapshots import report_in, units_in
from annotator.results.units import UnitResult
from annotator.views.snapshot import snapshot_of

GRID_CELLS = 40 * 40  # a larger raw grid is offered as a file alone
MOST_PAIRS = 200
Context = dict[str, Any]


def address(analysis: Analysis, name: str | None) -> str:
    """Where a picture of an answer is served; empty where there is none."""
    if not name or name not in analysis.pictures:
        return ""
    return reverse("analysis_picture", args=[analysis.network.study.name, analysis.pk, name])


def views_of(analysis: Analysis, paths: list[str]) -> dict[str, Image]:
    """The study's picture of each image, the network's own view where there are several."""
    rows = analysis.network.study.images.filter(path__in=paths, is_mirrored=False)
    return {image.path: image for image in rows.order_by("-pk")}


def unit_pages(analysis: Analysis) -> dict[str, dict[str, int]]:
    """Layer to unit to the key of its page, for the layers that were dissected."""
    found: dict[str, dict[str, int]] = {}
    units = Unit.objects.filter(layer__network=analysis.network)
    for layer, number, pk in units.values_list("layer__name", "number", "pk"):
        found.setdefault(layer, {})[str(number)] = pk
    return found


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


def activations(analysis: Analysis) -> Context:
    pages = unit_pages(analysis)
    found = analysis.result
    rows = [
        {
            "name": name,
            "sheet": address(analysis, one["sheet"]),
            "map_size": one["map_size"],
            "units": [
                unit
                | {
                    "number": number,
                    "pk": pages.get(name, {}).get(number),
                    "over_address": address(analysis, unit.get("over")),
                    "map_address": address(analysis, unit.get("picture")),
                }
                for number, unit in one["units"].items()
            ],
        }
        for name, one in found["layers"].items()
    ]
    for row in rows:
        row["drawn"] = [unit for unit in row["units"] if unit["over_address"]]
    path = analysis.asked.get("image") or analysis.asked["images"][0]
    return {"layers": rows, "image": views_of(analysis, [path]).get(path), "found": found}


def occlusion(analysis: Analysis) -> Context:
    paths = analysis.asked["images"]
    images = views_of(analysis, paths)
    rows = []
    for number, (path, one) in enumerate(zip(paths, _each(analysis), strict=True)):
        cells = [value for line in one["grid"] for value in line]
        said = Counter(str(index) for line in one["predicted"] for index in line)
        rows.append(
            one
            | {
                "number": number,
                "path": path,
                "view": images.get(path),
                "address": address(analysis, one["picture"]),
                "lowest": min(cells),
                "highest": max(cells),
                "said": [(one["names"][i], n, n / len(cells)) for i, n in said.most_common(10)],
                "lines": one["grid"] if len(cells) <= GRID_CELLS else None,
                "rows": len(one["grid"]),
                "columns": len(one["grid"][0]),
            }
        )
    return {"images": rows}


def grid_rows(one: dict[str, Any]) -> Iterator[list[Any]]:
    """A raw grid line by line: where the square was, in pixels, and what was said then."""
    yield ["row", "column", "top_px", "left_px", "probability", "predicted", "predicted_class"]
    for i, (line, said) in enumerate(zip(one["grid"], one["predicted"], strict=True)):
        for j, (value, index) in enumerate(zip(line, said, strict=True)):
            place = [i, j, i * one["stride"], j * one["stride"]]
            yield [*place, value, index, one["names"][str(index)]]


def minimal_image(analysis: Analysis) -> Context:
    found = analysis.result
    each = _each(analysis)
    images = views_of(analysis, analysis.asked["images"])
    # Of one image alone the command says its file's name, not its path in the list.
    alone = next(iter(images.values()), None) if len(each) == 1 else None

    def shown(one: dict[str, Any]) -> Image | None:
        return images.get(one["image"], alone)

    rows = [
        one
        | {
            "path": shown(one).path if shown(one) else one["image"],
            "view": shown(one),
            "address": address(analysis, one["picture"]),
            "random_address": address(analysis, one["random"]["picture"]),
            "removed": one["steps"][: one["flipped_at"] - 1] if one["flipped_at"] else one["steps"],
            "last": one["steps"][-1] if one["flipped_at"] else None,
        }
        for one in each
    ]
    shares = [one["kept_share"] for one in each]
    return {
        "images": rows,
        "mean_share": sum(shares) / len(shares) if shares else None,
        "mean_held": sum(one["random"]["held_share"] for one in each) / len(each) if each else None,
        "classes": {
            name: _objects(often) for name, often in found.get("classes", {}).items() if often
        },
        "wrong": found.get("wrong", []),
        "skipped": found.get("skipped", []),
    }


def _objects(often: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What remains of objects, where masks tell them from colours, parts and the like."""
    return [row for row in often if row["group"] == OBJECT] or often


def receptive_field(analysis: Analysis) -> Context:
    rows = [
        one | {"name": name, "address": address(analysis, one["sheet"])}
        for name, one in analysis.result["layers"].items()
    ]
    return {"layers": rows, "settings": analysis.result["settings"]}


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
    """Pairs of units, the most alike first."""
    rows = []
    count = analysis.result["image_count"]
    for name, one in analysis.result["layers"].items():
        pairs = [
            (a, b, one["correlation"][i][j], one["overlap"][i][j])
            for i, a in enumerate(one["units"])
            for j, b in enumerate(one["units"][:i])
        ]
        pairs.sort(key=lambda pair: -2 if pair[2] is None else pair[2], reverse=True)
        rows.append({"name": name, "of": one["of"], "chance": chance(one["of"], count),
                     "pairs": pairs[:MOST_PAIRS]})  # fmt: skip
    return {"layers": rows, "image_count": count}


def scenes(analysis: Analysis) -> Context:
    paths, found = analysis.asked["images"], analysis.result
    images = views_of(analysis, paths)
    alone = paths[0] if len(paths) == 1 else None
    rows = [
        one
        | {
            "path": alone or one["image"],
            "view": images.get(alone or one["image"]),
            "address": address(analysis, one["picture"]),
            "truth_address": address(analysis, one["truth_picture"]),
        }
        for one in found["images"]
    ]
    return {"images": rows, "score": found["score"], "concepts": found["concepts"],
            "unit_count": sum(found["concepts"].values())} | told_by(analysis)  # fmt: skip


def told_by(analysis: Analysis) -> Context:
    """The report that words come from, whose notice says where no people answered."""
    snapshot = snapshot_of(analysis.network.study, None)
    return {"report": report_in(snapshot) if snapshot else None}


def said_of(analysis: Analysis) -> dict[str, dict[str, UnitResult]]:
    """What people said of the network's units: layer to unit to its result."""
    snapshot = snapshot_of(analysis.network.study, None)
    if snapshot is None:
        return {}
    return {
        layer.name: {str(unit.unit): unit for unit in units_in(snapshot, layer.pk)}
        for layer in analysis.network.layers.all()
    }


def _each(analysis: Analysis) -> list[dict[str, Any]]:
    """Of a command that answers for one image or for several, the answer for each."""
    return analysis.result.get("images", [analysis.result])


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
