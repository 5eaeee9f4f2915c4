"""Sheets of units to be named blind, as HITs showed them before and as they do now.

`python -m benchmarks.blind_naming STUDY --out DIR` draws units of a dissected study, in turn from
its layers, by a seed that it prints. Each unit gets a sheet in the folder `first` and one in
`second`: one of both shows the whole pictures with all but the region dimmed to a fifth, the other
shows tiles cut around the region. Who names one folder sees no unit twice, and neither numbers nor
order tell a unit, a layer or a rendering. `key.csv` tells them. With `--before OTHER` the regions
of the whole pictures are those of another study with the same units, such as one that was dissected
with `--segment quantile`. docs/decisions/regions-and-tiles.md has results.
"""

import argparse
import csv
import io
import os
import random
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
django.setup()

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from annotator.models import Exemplar, Layer, Study, Unit  # noqa: E402
from annotator.publishing.layer_dissection import LayerDissection  # noqa: E402
from annotator.storage import read  # noqa: E402
from dissect.format.tile_drawing import draw_tile, jpeg, tile_grid  # noqa: E402

UNITS, TOP = 20, 60
COLUMNS, TILE_PX = 10, 160
DIMMED = 0.2  # outside of a region, as HITs were before
FOLDERS = BEFORE, NOW = "before", "now"


class Sheet(NamedTuple):
    """One sheet to draw: where it lies, what it shows, and how."""

    folder: str
    number: int
    rendering: str
    network: str
    layer: str
    unit: int


def draw_units(study: Study, count: int, chance: random.Random) -> list[Unit]:
    """Units of a study at random, in turn from each of its layers; dead ones are left out."""
    layers = Layer.objects.filter(network__study=study).order_by("network__position", "position")
    shuffled = []
    for layer in layers:
        units = list(layer.units.live().select_related("layer__network").order_by("number"))
        shuffled.append(chance.sample(units, len(units)))
    return [unit for turn in zip_longest(*shuffled) for unit in turn if unit is not None][:count]


def plan_sheets(units: list[Unit], chance: random.Random) -> list[Sheet]:
    """The sheets of two folders: each has every unit once, half of them in each rendering."""
    first = [FOLDERS[place % 2] for place in range(len(units))]
    second = [NOW if rendering == BEFORE else BEFORE for rendering in first]
    sheets = []
    for folder, renderings in (("first", first), ("second", second)):
        pairs = list(zip(units, renderings, strict=True))
        for number, (unit, rendering) in enumerate(chance.sample(pairs, len(pairs)), start=1):
            place = (unit.layer.network.name, unit.layer.name, unit.number)
            sheets.append(Sheet(folder, number, rendering, *place))
    return sheets


def draw_sheet(study: Study, sheet: Sheet, top: int) -> Image.Image:
    """Draw a sheet: the strongest images of a unit in a grid, as they were or as they are."""
    unit = Unit.objects.select_related("layer__network").get(
        layer__network__study=study,
        layer__network__name=sheet.network,
        layer__name=sheet.layer,
        number=sheet.unit,
    )
    draw = _dimmed_pictures if sheet.rendering == BEFORE else _cut_tiles
    return tile_grid(list(draw(unit, top)), COLUMNS)


def _dimmed_pictures(unit: Unit, top: int) -> Iterator[Image.Image]:
    masks = LayerDissection(unit.layer).masks(unit)
    for exemplar in _top_images(unit, top):
        picture = _picture(exemplar).resize((TILE_PX, TILE_PX))
        mask = Image.fromarray(masks[exemplar.mask]).resize(picture.size)
        share = np.where(np.asarray(mask) | (not masks[exemplar.mask].any()), 1, DIMMED)
        yield Image.fromarray((np.asarray(picture) * share[..., None]).astype(np.uint8))


def _cut_tiles(unit: Unit, top: int) -> Iterator[Image.Image]:
    exemplars = _top_images(unit, top)
    frames = LayerDissection(unit.layer).frames(unit, exemplars)
    for exemplar, frame in zip(exemplars, frames, strict=True):
        yield draw_tile(_picture(exemplar), frame.levels, frame.box, TILE_PX)


def _top_images(unit: Unit, top: int) -> list[Exemplar]:
    exemplars = unit.exemplars.filter(role=Exemplar.Role.TOP, rank__lte=top)
    return list(exemplars.select_related("image").order_by("rank"))


def _picture(exemplar: Exemplar) -> Image.Image:
    return Image.open(io.BytesIO(read(f"pictures/{exemplar.image.tile}"))).convert("RGB")


def write_sheets(studies: dict[str, Study], out: Path, seed: int, count: int, top: int) -> int:
    """Write the sheets and their key; returns the number of units drawn.

    Args:
        studies: by rendering, whose regions it shows; units are drawn from that of `now`.
    """
    chance = random.Random(seed)
    sheets = plan_sheets(draw_units(studies[NOW], count, chance), chance)
    for sheet in sheets:
        (out / sheet.folder).mkdir(parents=True, exist_ok=True)
        content = jpeg(draw_sheet(studies[sheet.rendering], sheet, top))
        (out / sheet.folder / f"{sheet.number:02}.jpg").write_bytes(content)
    with (out / "key.csv").open("w", newline="") as file:
        csv.writer(file).writerows([Sheet._fields, *sheets])
    return len(sheets) // 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study")
    parser.add_argument("--before", help="the study whose regions the whole pictures show (STUDY)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--top", type=int, default=TOP, help="images of a sheet")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    options = parser.parse_args()
    names = {NOW: options.study, BEFORE: options.before or options.study}
    try:
        studies = {rendering: Study.objects.get(name=name) for rendering, name in names.items()}
    except Study.DoesNotExist:
        parser.error(f"There is no study {' or '.join(sorted(set(names.values())))}.")
    count = write_sheets(studies, options.out, options.seed, options.units, options.top)
    print(f"Seed {options.seed}: {count} units in {options.out}; key.csv tells which they are.")


if __name__ == "__main__":
    main()
