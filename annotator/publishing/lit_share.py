"""How much of its tile a region lights: publishing warns where people would see too little."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from annotator import storage
from annotator.models import Exemplar, Study, Unit
from annotator.publishing.draws import draw
from annotator.publishing.hit_pictures import opened_picture
from annotator.publishing.hit_tiles import Frame
from annotator.publishing.layer_dissection import LayerDissection
from annotator.publishing.plans import Plan
from dissect.format.picture_list import content_name
from dissect.format.tile_drawing import draw_tile, jpeg, levels_in_frame, tile_grid
from dissect.format.tiles import OUTSIDE, WHOLE, Box

MIN_MEDIAN = 0.03
SAMPLED_UNITS, SAMPLED_TILES = 40, 10  # tiles of each unit
EXAMPLES = 10


@dataclass(frozen=True)
class LitTile:
    """A tile to be published: the picture, its frame, and the share of it that is lit."""

    picture: str
    frame: Frame
    share: float


def sample_tiles(study: Study, plan: Plan, view: str) -> list[LitTile]:
    """The tiles of a keyed sample of the units to be named, the least lit first.

    Args:
        view: what tiles will show of a picture, a TileView.
    """
    units = [planned.unit for planned in plan.new_hits] if plan.is_naming else []
    units.sort(key=lambda unit: draw(study, "lit", unit))
    by_layer: dict[int, list[Unit]] = defaultdict(list)
    for unit in units[:SAMPLED_UNITS]:
        by_layer[unit.layer_id].append(unit)
    tiles = []
    for of_layer in by_layer.values():
        dissection = LayerDissection(of_layer[0].layer)
        for unit in of_layer:
            top = unit.exemplars.filter(role=Exemplar.Role.TOP, rank__lte=SAMPLED_TILES)
            exemplars = list(top.select_related("image"))
            frames = dissection.frames(unit, exemplars)
            for exemplar, (levels, box) in zip(exemplars, frames, strict=True):
                frame = Frame(levels, box if view == Study.TileView.CROP else WHOLE)
                tiles.append(LitTile(exemplar.image.zoom, frame, lit_share(*frame)))
    return sorted(tiles, key=lambda tile: tile.share)


@dataclass(frozen=True)
class Legibility:
    """How much of their tiles the regions of a study light.

    Attributes:
        median: share of a tile that is lit, over a sample.
        tiles: ten of them, evenly from the least to the most lit.
    """

    median: float
    tiles: list[LitTile]

    @property
    def is_low(self) -> bool:
        """Whether people would see too little."""
        return self.median < MIN_MEDIAN

    def sheet(self) -> str:
        """Store the tiles as one picture; returns its name."""
        drawn = [draw_tile(opened_picture(tile.picture), *tile.frame) for tile in self.tiles]
        content = jpeg(tile_grid(drawn, columns=5))
        name = content_name(content, ".jpg")
        storage.keep(f"sheets/{name}", lambda: content)
        return name


def legibility(study: Study, plan: Plan, view: str) -> Legibility | None:
    """How legible the tiles of units to be named are; None if there are none.

    Args:
        view: what tiles will show of a picture, a TileView.
    """
    tiles = sample_tiles(study, plan, view)
    if not tiles:
        return None
    step = max(1, len(tiles) // EXAMPLES)
    return Legibility(median(tile.share for tile in tiles), tiles[step // 2 :: step][:EXAMPLES])


def lit_warning(study: Study, plan: Plan, view: str, address: str) -> str:
    """A warning if too little of the tiles is lit, with ten of them and a way out; else empty.

    Args:
        address: of a sheet that shows the tiles, with {name} for its file.
    """
    legible = legibility(study, plan, view)
    if legible is None or not legible.is_low:
        return ""
    return (
        f"Warning: only {100 * legible.median:.1f} % of a tile is lit in the median, and people "
        f"can name little of that. Ten of them: {address.format(name=legible.sheet())}. "
        f"{way_out(study, view)}"
    )


def way_out(study: Study, view: str, crop: str = "publish with --view crop") -> str:
    """What a requester can do about regions that light too little, as a sentence.

    Args:
        crop: how crops are chosen, where that is not by an option of the command.
    """
    ways = []
    if view != Study.TileView.CROP:
        ways.append(crop)
    if study.dissect_settings.get("segment") in ("upsample", "quantile"):
        ways.append("dissect another study with --segment field")
    ways.append("leave out the layer")
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."


def lit_share(levels: NDArray[np.uint8], box: Box) -> float:
    """The share of a tile that is lit: of its pixels that are not OUTSIDE, from 0 to 1."""
    return float((levels_in_frame(levels, box) != OUTSIDE).mean())
