"""Writes a table of another framework's top images as a dissection: pictures, masks, numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from annotator.dissection_jobs.progress import StageProgress
from annotator.dissection_reader import DissectionError, SharedPictures
from annotator.imports.top_images import TopImageRow, TopImageTable, UnitRows
from dissect import __version__
from dissect.dissection.manifest_facts import image_facts
from dissect.dissection.writer import write_picture_list
from dissect.errors import ImagesError
from dissect.format.manifest import (
    MANIFEST_FILE,
    LayerFacts,
    LayerFiles,
    Manifest,
    NetworkFacts,
    SettingsFacts,
    encode_manifest,
)
from dissect.format.masks import MASK_PX, encode_sheet
from dissect.format.picture_list import PICTURES_FILE, TILE_PX, ZOOM_PX
from dissect.format.tables import LayerTable, RankedImages, encode_table
from dissect.images.image_list import ImageList, find_images, images_from_paths
from dissect.images.memory import MAX_PIXELS
from dissect.images.preprocessing import Preprocessing
from dissect.render.near_copies import near_copies
from dissect.render.pictures import PictureWriter
from dissect.storage.store import Store
from dissect.topk.sampling import RANDOM_IMAGES, in_random_order

# A mask covers the whole image if the ratios of their sides differ by no more than this share.
RATIO_TOLERANCE = 0.02


@dataclass(frozen=True)
class TableFacts:
    """What a table does not say about itself.

    Attributes:
        name: of the network. condition: what its units are.
        top: images shown for each unit.
        view: the part of an image that the network saw.
    """

    name: str
    condition: str
    top: int
    view: Preprocessing


def image_list_of(table: TopImageTable, source: str | None) -> ImageList:
    """List the images of another framework's table, in the order in which they are written.

    Args:
        source: the list that the user names; None is the images of the table itself.

    Raises:
        DissectError, DissectionError: the list is not there, or lacks an image.
    """
    if source is None:
        paths = sorted({row.image for row in table.rows()})
        images = images_from_paths(str(table.path), table.path.parent, paths)
    else:
        images = find_images(source)
    known = set(images.paths)
    for row in table.rows():
        if row.image not in known:
            raise DissectionError(
                f"Line {row.line}: image {row.image} is not among the {len(images)} images of "
                f"{images.source}, whose paths are like {images.paths[0]}."
            )
    return images


def write_table(
    table: TopImageTable,
    images: ImageList,
    facts: TableFacts,
    store: Store,
    shared: SharedPictures,
    progress: StageProgress,
) -> None:
    """Write another framework's table as a dissection; the manifest is written last.

    Raises:
        DissectionError: an image or a mask cannot be read.
    """
    places = {path: place for place, path in enumerate(images.paths)}
    random = _random_images(table, images, places)
    shown = sorted({places[row.image] for row in table.rows()} | set(random))
    try:
        writer = PictureWriter(images, shown, facts.view, shared)
        with writer as pictures:
            write_picture_list(pictures, len(shown), store, progress)
    except ImagesError as error:
        raise DissectionError(f"An image of {table.path} cannot be read: {error}") from error
    masks = MaskReader(table, images, places, facts.view)
    layers = []
    for number, (layer, units) in enumerate(table.layers.items()):
        coverage = _write_masks(table, layer, number, masks, store, progress)
        numbers = _layer_table(table, layer, coverage, places, facts.top)
        store.put(LayerFiles.numbered(number).table, encode_table(numbers))
        alike = near_copies(numbers.top.image[:, : facts.top], writer.greys)
        layers.append(_layer_facts(number, layer, units, alike))
    manifest = _manifest(table, images, facts, layers, random, shared.folder)
    store.put(MANIFEST_FILE, encode_manifest(manifest))


def _random_images(table: TopImageTable, images: ImageList, places: Mapping[str, int]) -> list[int]:
    """Random images: the table's own, else drawn from a list that holds more than the table."""
    if table.random or images.source == str(table.path):
        return [places[row.image] for row in table.random]
    readable: list[int] = []
    for place in in_random_order(len(images), images.sha256).tolist():
        try:
            images.open(place)
        except ImagesError:
            continue
        readable.append(place)
        if len(readable) == RANDOM_IMAGES:
            break
    return readable


@dataclass(frozen=True)
class MaskReader:
    """Reads the regions of a table's images, each a mask in a file of its own."""

    table: TopImageTable
    images: ImageList
    places: Mapping[str, int]
    view: Preprocessing

    def region(self, row: TopImageRow) -> NDArray[np.bool_]:
        """The region in the network's view, (MASK_PX, MASK_PX); all of it if there is no mask."""
        if not row.mask:
            return np.ones((MASK_PX, MASK_PX), dtype=bool)
        try:
            with Pillow.open(self.table.path.parent / row.mask) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise OSError(f"{picture.width} x {picture.height} px are too many")
                cells = np.asarray(picture)
        except (OSError, ValueError, Pillow.DecompressionBombError) as error:
            raise DissectionError(
                f"Line {row.line}: mask {row.mask} cannot be read: {error}."
            ) from error
        if cells.ndim != 2:
            raise DissectionError(f"Line {row.line}: mask {row.mask} must have one channel.")
        return self._in_view(cells > 0, row)

    def _in_view(self, mask: NDArray[np.bool_], row: TopImageRow) -> NDArray[np.bool_]:
        """The network's view of a mask of the whole image; a square mask is of the view already."""
        image = self.images.open(self.places[row.image])
        height, width = mask.shape
        box: tuple[float, float, float, float]
        if abs(width / height / (image.width / image.height) - 1) <= RATIO_TOLERANCE:
            box = self.view.box(width, height)
        elif width == height:
            box = (0, 0, width, height)
        else:
            raise DissectionError(
                f"Line {row.line}: mask {row.mask} is {width} x {height}, its image "
                f"{image.width} x {image.height}: it must have the image's shape, or be square."
            )
        picture = Pillow.fromarray(mask.astype(np.uint8))
        size = (MASK_PX, MASK_PX)
        return np.asarray(picture.resize(size, Pillow.Resampling.NEAREST, box=box)) > 0


def _write_masks(
    table: TopImageTable,
    layer: str,
    number: int,
    masks: MaskReader,
    store: Store,
    progress: StageProgress,
) -> NDArray[np.float32]:
    """Write a sheet of masks for each unit; returns the share of each in its region."""
    units, ranks, files = table.layers[layer], table.rank_count, LayerFiles.numbered(number)
    coverage = np.zeros((max(units) + 1, ranks), dtype=np.float32)
    for done, (unit, rows) in enumerate(sorted(units.items()), start=1):
        regions = np.stack([masks.region(row) for row in rows[:ranks]])  # (ranks, side, side)
        coverage[unit] = regions.mean(axis=(1, 2))
        store.put(files.masks.format(unit=unit), encode_sheet(regions))
        progress(f"storing regions of {layer}", done, len(units))
    return coverage


def _layer_table(
    table: TopImageTable,
    layer: str,
    coverage: NDArray[np.float32],
    places: Mapping[str, int],
    top: int,
) -> LayerTable:
    """The numbers of a layer; a unit number that the table skips has zeros and no images."""
    units = table.layers[layer]
    low = {unit: table.low.get((layer, unit), []) for unit in units}
    count, ranks = coverage.shape
    maximum, ties = np.zeros(count), np.zeros(count, dtype=np.int64)
    for unit, rows in units.items():
        maximum[unit] = rows[0].score
        ties[unit] = sum(row.score == rows[0].score for row in rows)
    return LayerTable(
        top=_ranked(count, ranks, {unit: rows[:ranks] for unit, rows in units.items()}, places),
        low=_ranked(count, max(map(len, low.values())), low, places),
        coverage=coverage,
        maximum=maximum,
        threshold=np.zeros(count),
        saturated=ties > top,
    )


def _ranked(
    count: int,
    columns: int,
    units: Mapping[int, Sequence[TopImageRow]],
    places: Mapping[str, int],
) -> RankedImages:
    """The images of each unit, (count, columns)."""
    ranked = RankedImages.empty(count, columns)
    for unit, rows in units.items():
        for column, row in enumerate(rows):
            ranked.score[unit, column] = row.score
            ranked.image[unit, column] = places[row.image]
            ranked.y[unit, column], ranked.x[unit, column] = row.y, row.x
    return ranked


def _layer_facts(
    number: int, layer: str, units: UnitRows, alike: dict[int, list[list[int]]]
) -> LayerFacts:
    rows = [row for top in units.values() for row in top]
    return LayerFacts(
        name=layer,
        type="imported",
        unit_count=max(units) + 1,
        units=sorted(units),
        map_size=(max(row.y for row in rows) + 1, max(row.x for row in rows) + 1),
        field=None,
        near_copies=alike,
        **LayerFiles.numbered(number)._asdict(),
    )


def _manifest(
    table: TopImageTable,
    images: ImageList,
    facts: TableFacts,
    layers: list[LayerFacts],
    random: list[int],
    picture_folder: str,
) -> Manifest:
    view = facts.view
    return Manifest(
        created_by=f"unitscope {__version__}, from {table.path.name}",
        network=NetworkFacts(
            spec=f"imported:{facts.name}",
            name=facts.name,
            weights=table.path.name,
            weights_sha256=table.sha256,
            input_size=[3, view.crop, view.crop],
            resize=view.resize,
            crop=view.crop,
            condition=facts.condition,
            origin={"table": table.path.name, "sha256": table.sha256},
            directions=None,
        ),
        images=image_facts(images).replaced(skipped=[]),
        settings=SettingsFacts(
            top=facts.top,
            segment="imported",
            collected=table.rank_count,
            tile_px=TILE_PX,
            zoom_px=ZOOM_PX,
            mask_px=MASK_PX,
        ),
        pictures=PICTURES_FILE,
        picture_folder=picture_folder,
        random_images=random,
        layers=layers,
    )
