"""Template contexts for the results of analyses: their numbers, with the URLs of their pictures."""

from collections import Counter
from collections.abc import Callable, Iterator
from statistics import mean, median
from typing import Any

from django.urls import reverse

from annotator.models import Analysis, Image, Unit
from annotator.models.answer import Group
from annotator.results.output.snapshots import report_in, units_in
from annotator.results.report.unit import UnitResult
from annotator.results.stats.jaccard import chance_jaccard
from annotator.views.lab.analyses import FILLS
from annotator.views.reader.snapshot import snapshot_of

Context = dict[str, Any]

MAX_PAIRS = 200
MAX_GRID_CELLS = 40 * 40  # a larger raw grid is only offered as a file


def picture_url(analysis: Analysis, name: str | None) -> str:
    """The URL of a picture in the results of a lab analysis; empty if there is none."""
    if not name or name not in analysis.pictures:
        return ""
    return reverse("analysis_picture", args=[analysis.network.study.name, analysis.pk, name])


def images_by_path(analysis: Analysis, paths: list[str]) -> dict[str, Image]:
    """Load the images in the results of a lab analysis in one query: path to image.

    If networks crop an image differently, its first picture is taken.
    """
    rows = analysis.network.study.images.filter(path__in=paths, is_mirrored=False)
    return {image.path: image for image in rows.order_by("-pk")}


def unit_keys(analysis: Analysis) -> dict[str, dict[str, int]]:
    """Load unit keys for the results of a lab analysis: layer to unit number to primary key.

    Only dissected layers have any.
    """
    keys: dict[str, dict[str, int]] = {}
    units = Unit.objects.filter(layer__network=analysis.network)
    for layer, number, pk in units.values_list("layer__name", "number", "pk"):
        keys.setdefault(layer, {})[str(number)] = pk
    return keys


def unit_link(keys: dict[str, dict[str, int]], layer: str, number: int | str) -> Context:
    """Template context of a unit in the results of a lab analysis, for lab/_unit.html.

    `pk` is None if the unit has no page.
    """
    return {"number": number, "pk": keys.get(layer, {}).get(str(number))}


def unit_results(analysis: Analysis) -> dict[str, dict[str, UnitResult]]:
    """People's answers beside the results of a lab analysis: layer to unit number to result.

    Empty if there is no snapshot.
    """
    snapshot = snapshot_of(analysis.network.study, None)
    if snapshot is None:
        return {}
    return {
        layer.name: {str(unit.unit): unit for unit in units_in(snapshot, layer.pk)}
        for layer in analysis.network.layers.all()
    }


def report_context(analysis: Analysis) -> Context:
    """Template context for results of a lab analysis: the report that the names come from.

    Its notice says if the workers were simulated.
    """
    snapshot = snapshot_of(analysis.network.study, None)
    return {"report": report_in(snapshot) if snapshot else None}


def results_of_images(analysis: Analysis) -> list[dict[str, Any]]:
    """The results of a lab analysis, one per image; a command lists them only for several."""
    return analysis.result.get("images", [analysis.result])


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


def activations(analysis: Analysis) -> Context:
    keys = unit_keys(analysis)
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [
            unit
            | unit_link(keys, name, number)
            | {
                "over_address": picture_url(analysis, unit.get("over")),
                "map_address": picture_url(analysis, unit.get("picture")),
            }
            for number, unit in layer["units"].items()
        ]
        rows.append({
            "name": name,
            "sheet": picture_url(analysis, layer["sheet"]),
            "map_size": layer["map_size"],
            "units": units,
            "drawn": [unit for unit in units if unit["over_address"]],
        })  # fmt: skip
    path = analysis.request.get("image") or analysis.request["images"][0]
    return {
        "layers": rows,
        "image": images_by_path(analysis, [path]).get(path),
        "image_count": analysis.result["image_count"],
    }


def occlusion(analysis: Analysis) -> Context:
    paths = analysis.request["images"]
    images = images_by_path(analysis, paths)
    results = zip(paths, results_of_images(analysis), strict=True)
    rows = []
    for number, (path, result) in enumerate(results):
        cells = [value for line in result["grid"] for value in line]
        predicted = Counter(str(index) for line in result["predicted"] for index in line)
        rows.append(
            result
            | {
                "number": number,
                "path": path,
                "view": images.get(path),
                "address": picture_url(analysis, result["picture"]),
                "lowest": min(cells),
                "highest": max(cells),
                "predictions": [
                    (result["names"][index], count, count / len(cells))
                    for index, count in predicted.most_common(10)
                ],
                "lines": result["grid"] if len(cells) <= MAX_GRID_CELLS else None,
                "rows": len(result["grid"]),
                "columns": len(result["grid"][0]),
            }
        )
    return {"images": rows}


def grid_rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    """The result of a lab's occlusion analysis as table rows: square, probability, prediction.

    The position of the square is in pixels.
    """
    yield ["row", "column", "top_px", "left_px", "probability", "predicted", "predicted_class"]
    for i, (line, classes) in enumerate(zip(result["grid"], result["predicted"], strict=True)):
        for j, (value, index) in enumerate(zip(line, classes, strict=True)):
            position = [i, j, i * result["stride"], j * result["stride"]]
            yield [*position, value, index, result["names"][str(index)]]


def minimal_image(analysis: Analysis) -> Context:
    results = results_of_images(analysis)
    images = images_by_path(analysis, analysis.request["images"])
    # For a single image the command prints the name of its file, not its path in the list.
    single = next(iter(images.values()), None) if len(results) == 1 else None
    rows = []
    for result in results:
        image, steps = images.get(result["image"], single), result["steps"]
        flipped_at = result["flipped_at"]
        rows.append(
            result
            | {
                "path": image.path if image else result["image"],
                "view": image,
                "address": picture_url(analysis, result["picture"]),
                "random_address": picture_url(analysis, result["random"]["picture"]),
                "removed": steps[: flipped_at - 1] if flipped_at else steps,
            }
        )
    shares = [result["kept_share"] for result in results]
    return {
        "images": rows,
        "shares": (min(shares), median(shares), max(shares)) if shares else None,
        "mean_held": mean(row["random"]["held_share"] for row in results) if results else None,
        "classes": {
            name: [concept for concept in concepts if concept["group"] == Group.OBJECT] or concepts
            for name, concepts in analysis.result.get("classes", {}).items()
            if concepts
        },
        "wrong": analysis.result.get("wrong", []),
        "skipped": analysis.result.get("skipped", []),
    }


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


def scenes(analysis: Analysis) -> Context:
    paths, result = analysis.request["images"], analysis.result
    images = images_by_path(analysis, paths)
    single = paths[0] if len(paths) == 1 else None
    rows = [
        row
        | {
            "path": single or row["image"],
            "view": images.get(single or row["image"]),
            "address": picture_url(analysis, row["picture"]),
            "truth_address": picture_url(analysis, row["truth_picture"]),
        }
        for row in result["images"]
    ]
    return {"images": rows, "score": result["score"], "concepts": result["concepts"],
            "unit_count": sum(result["concepts"].values())} | report_context(analysis)  # fmt: skip


CONTEXTS: dict[str, Callable[[Analysis], Context]] = {
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
