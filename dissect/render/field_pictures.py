"""Empirical receptive fields as pictures: a unit's average map, and its top images within it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.receptive_fields.empirical import LEVEL, EmpiricalFields, average_map, peak_centres
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import Field
from dissect.render.contact_sheets import ContactSheet, labelled_rows, side_by_side
from dissect.render.heatmap import HEAT, heat_colours, with_colour_bar
from dissect.render.pictures import view_at
from dissect.topk.ranking import Ranking

UNITS = 8  # rows of a sheet
IMAGES = 5  # of each row
FIGURE_UNITS, FIGURE_IMAGES, FIGURE_TILE_PX = 3, 3, 112  # of each layer in a figure of networks
DIMMED = 0.2  # what is left of an image outside the field, as in the released code


@dataclass(frozen=True)
class FieldRow:
    """One unit's receptive field as a row of a sheet: its average map, then top images in it."""

    layer: str
    words: str
    tiles: tuple[Image.Image, ...]


def field_sheet(rows: Sequence[FieldRow]) -> ContactSheet:
    """A picture of receptive fields: the first UNITS units of a layer, a row each."""
    sheet = labelled_rows([row.tiles for row in rows[:UNITS]], [row.words for row in rows[:UNITS]])
    font_px = sheet.captions[0].font_px
    return with_colour_bar(sheet, HEAT, "no change", "average map: its largest change", font_px)


def fields_figure(networks: Mapping[str, Sequence[FieldRow]]) -> ContactSheet:
    """Draw the fields of units of several layers, the networks side by side.

    Like Figure 4 of Zhou et al. 2015, arXiv:1412.6856.

    Args:
        networks: title to the rows of a network, layer by layer; each layer shows FIGURE_UNITS.
    """
    sheets = []
    for title, rows in networks.items():
        by_layer: dict[str, list[FieldRow]] = {}
        for row in rows:
            by_layer.setdefault(row.layer, []).append(row)
        shown = [row for of_layer in by_layer.values() for row in of_layer[:FIGURE_UNITS]]
        tiles = [[_small(tile) for tile in row.tiles[: 1 + FIGURE_IMAGES]] for row in shown]
        sheet = labelled_rows(tiles, [f"{row.layer}, {row.words}" for row in shown])
        sheets.append((title, sheet))
    return side_by_side(sheets)


def _small(tile: Image.Image) -> Image.Image:
    side = min(FIGURE_TILE_PX, tile.width)
    return tile.resize((side, side), Image.Resampling.BICUBIC)


def field_rows(
    layer: str,
    fields: EmpiricalFields,
    field: Field,
    top: Ranking,
    images: ImageList,
    shape: Preprocessing,
    occluders: Occluders,
) -> list[FieldRow]:
    """Draw receptive fields, a row for each of the first UNITS units of a layer."""
    rows = []
    for row, unit in list(enumerate(fields.units))[:UNITS]:
        centres = peak_centres(field, top, unit)
        mean = average_map(fields.maps[row], centres, occluders, shape.crop)
        tiles = [_middle(mean, shape.crop)]
        for rank, centre in enumerate(centres[:IMAGES]):
            view = view_at(images.open(int(top.image[unit, rank])), shape, shape.crop)
            view = view.resize((shape.crop, shape.crop))  # small images are not enlarged before
            tiles.append(dim_outside_field(view, mean, centre))
        words = f"unit {unit}, {fields.sizes[LEVEL][row]:.0f} px"
        rows.append(FieldRow(layer, words, tuple(tiles)))
    return rows


def _middle(mean: NDArray[np.float64], side: int) -> Image.Image:
    """The average map around the peak, as large as an image."""
    first = side - 1 - side // 2
    part = mean[first : first + side, first : first + side]
    return Image.fromarray(heat_colours(part, 0.0, float(np.nanmax(mean, initial=0.0))))


def dim_outside_field(
    view: Image.Image, mean: NDArray[np.float64], centre: Sequence[float]
) -> Image.Image:
    """Draw a receptive field on an image: all is dimmed but the field around a peak.

    Args:
        mean: an average map, (2 * side - 1, 2 * side - 1).
        centre: pixel (row, column) of the peak.
    """
    side = view.width
    y, x = (side - 1 - math.floor(middle) for middle in centre)
    padded = np.pad(mean, side, constant_values=np.nan)  # peaks of border cells may lie outside
    around = padded[side + y : 2 * side + y, side + x : 2 * side + x]
    inside = around > LEVEL * np.nanmax(mean, initial=0.0)
    pixels = np.asarray(view.convert("RGB"), dtype=np.float64)
    shown = np.where(inside[..., None], pixels, DIMMED * pixels)
    return Image.fromarray(shown.round().astype(np.uint8))
