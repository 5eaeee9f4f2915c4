"""Template contexts for analyses of images: maps, occlusion, minimal images, segmented scenes."""

from collections import Counter
from collections.abc import Iterator
from statistics import mean, median
from typing import Any

from annotator.models import Analysis
from annotator.models.answer import Group
from annotator.views.lab.lookups import (
    Context,
    images_by_path,
    picture_url,
    report_context,
    unit_keys,
    unit_link,
    unit_results,
)

MAX_GRID_CELLS = 40 * 40  # a larger raw grid is only offered as a file


def results_of_images(analysis: Analysis) -> list[dict[str, Any]]:
    """The results of images in an analysis, one per image; commands list them only for several."""
    return analysis.result.get("images", [analysis.result])


def _result_path(analysis: Analysis, result: dict[str, Any]) -> str:
    """The path, in the study's list, of the image that a result of the lab is about.

    For a single image the command prints the name of its file, not its path in the list.
    """
    asked = analysis.request.get("images", [])
    return asked[0] if len(asked) == 1 else result["image"]


def activations(analysis: Analysis) -> Context:
    keys, results = unit_keys(analysis), unit_results(analysis)
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [
            unit
            | unit_link(keys, name, number, results)
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
    path = analysis.request.get("image") or _result_path(analysis, analysis.result)
    return {
        "layers": rows,
        "chosen": analysis.result.get("chosen"),
        "image": images_by_path(analysis, [path]).get(path),
        "image_count": analysis.result["image_count"],
    } | report_context(analysis)


def occlusion(analysis: Analysis) -> Context:
    results = results_of_images(analysis)
    paths = [_result_path(analysis, result) for result in results]
    images = images_by_path(analysis, paths)
    rows = []
    for number, (path, result) in enumerate(zip(paths, results, strict=True)):
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
    paths = [_result_path(analysis, result) for result in results]
    images = images_by_path(analysis, paths)
    rows = [
        {"left_probability": _last_probability(result)}  # of results from before exchanges
        | result
        | {
            "path": path,
            "view": images.get(path),
            "address": picture_url(analysis, result["picture"]),
            "random_address": picture_url(analysis, result["random"]["picture"]),
            "is_cut_out": result["fill"] != "gradient",
        }
        for path, result in zip(paths, results, strict=True)
    ]
    by_class: dict[str, list[Context]] = {}
    for row in rows:
        by_class.setdefault(row["class"], []).append(row)
    shares = [result["kept_share"] for result in results]
    return {
        "images": rows,
        "by_class": by_class,
        "chosen": analysis.result.get("chosen"),
        "sheet": picture_url(analysis, analysis.result.get("sheet")),
        "shares": (min(shares), median(shares), max(shares)) if shares else None,
        "mean_held": mean(row["random"]["held_share"] for row in results) if results else None,
        "classes": _concepts_by_class(analysis.result.get("classes", {})),
        "wrong": analysis.result.get("wrong", []),
        "skipped": analysis.result.get("skipped", []),
    }


def _last_probability(result: dict[str, Any]) -> float:
    """The probability of the class after the last removal that did not change the prediction."""
    steps, flipped_at = result["steps"], result["flipped_at"]
    removed = steps[: flipped_at - 1] if flipped_at else steps
    probability: float = (removed[-1] if removed else result)["probability"]
    return probability


def _concepts_by_class(classes: dict[str, list[Context]]) -> dict[str, list[Context]]:
    """The concepts that the minimal images of each class keep: objects if there are any."""
    return {
        name: [concept for concept in concepts if concept["group"] == Group.OBJECT] or concepts
        for name, concepts in classes.items()
        if concepts
    }


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
