"""Answers about chosen images as their templates want them."""

from collections import Counter
from collections.abc import Iterator
from statistics import mean, median
from typing import Any

from annotator.models import Analysis, Image
from annotator.models.answer import Group
from annotator.views.lab.answers import Context, address, told_by, unit_pages, views_of

GRID_CELLS = 40 * 40  # a larger raw grid is offered as a file alone


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
        "shares": (min(shares), median(shares), max(shares)) if shares else None,
        "mean_held": mean(one["random"]["held_share"] for one in each) if each else None,
        "classes": {
            name: _objects(often) for name, often in found.get("classes", {}).items() if often
        },
        "wrong": found.get("wrong", []),
        "skipped": found.get("skipped", []),
    }


def _objects(often: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What remains of objects, where masks tell them from colours, parts and the like."""
    return [row for row in often if row["group"] == Group.OBJECT] or often


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


def _each(analysis: Analysis) -> list[dict[str, Any]]:
    """Of a command that answers for one image or for several, the answer for each."""
    return analysis.result.get("images", [analysis.result])
