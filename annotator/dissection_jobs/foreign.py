"""Writes another framework's top images as a dissection: pictures, masks, numbers, a manifest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotator.dissection_jobs.foreign_regions import region
from annotator.dissection_reader import DissectionError, SharedPictures
from annotator.dissection_reader.foreign import ForeignDissection, ForeignRow
from dissect import __version__
from dissect.dissection.writer import image_facts, write_picture_list
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
from dissect.format.pictures import PICTURES_FILE, TILE_PX, ZOOM_PX
from dissect.format.tables import LayerTable, RankedImages, encode_table
from dissect.images.image_list import ImageList, find_images, images_from_paths
from dissect.images.preprocessing import Preprocessing
from dissect.receptive_fields.measure import StageProgress
from dissect.render.pictures import PictureWriter
from dissect.storage.store import Store
from dissect.topk.sampling import RANDOM_IMAGES, in_random_order


@dataclass(frozen=True)
class Facts:
    """What a table cannot say of itself.

    Attributes:
        name: of the network. condition: what its units are.
        top: images shown for each unit.
        view: the part of an image that the network saw.
    """

    name: str
    condition: str
    top: int
    view: Preprocessing


def images_of(found: ForeignDissection, source: str | None) -> ImageList:
    """The list that the table's images stand in: a source that the user names, or their own.

    Raises:
        DissectError, DissectionError: it is not there, or lacks an image.
    """
    root = found.path.parent
    if source is None:
        paths = sorted({row.image for row in found.rows()})
        images = images_from_paths(str(found.path), root, paths)
    else:
        images = find_images(source)
    places = set(images.paths)
    for row in found.rows():
        if row.image not in places:
            raise DissectionError(
                f"Line {row.line}: image {row.image} is not among the {len(images)} images of "
                f"{images.source}, whose paths are like {images.paths[0]}."
            )
    return images


def write_foreign(
    found: ForeignDissection,
    images: ImageList,
    facts: Facts,
    store: Store,
    shared: SharedPictures,
    say: StageProgress,
) -> Manifest:
    """Write the dissection; returns the manifest, which is written last.

    Raises:
        DissectionError: an image or a mask cannot be read.
    """
    place = {path: number for number, path in enumerate(images.paths)}
    random = _random(found, images)
    shown = sorted({place[row.image] for row in found.rows()} | set(random))
    try:
        with PictureWriter(images, shown, facts.view, shared) as pictures:
            write_picture_list(pictures, len(shown), store, say)
    except ImagesError as error:
        raise DissectionError(f"An image of {found.path} cannot be read: {error}") from error
    layers = []
    for number, (layer, units) in enumerate(found.layers.items()):
        layers.append(_layer_facts(number, layer, units))
        _write_layer(found, layer, number, place, images, facts, store, say)
    manifest = _manifest(found, images, facts, layers, random, shared.path)
    store.put(MANIFEST_FILE, encode_manifest(manifest))
    return manifest


def _random(found: ForeignDissection, images: ImageList) -> list[int]:
    """Images drawn at random: those of the table, else from a list that is more than the table."""
    if found.random or images.source == str(found.path):
        place = {path: number for number, path in enumerate(images.paths)}
        return [place[row.image] for row in found.random]
    readable = []
    for number in in_random_order(len(images), images.sha256).tolist():
        try:
            images.open(number)
        except ImagesError:
            continue
        readable.append(number)
        if len(readable) == RANDOM_IMAGES:
            break
    return readable


def _write_layer(
    found: ForeignDissection,
    layer: str,
    number: int,
    place: dict[str, int],
    images: ImageList,
    facts: Facts,
    store: Store,
    say: StageProgress,
) -> None:
    units, files = found.layers[layer], LayerFiles.numbered(number)
    count, ranks = max(units) + 1, found.rank_count
    most_low = max((len(found.low.get((layer, unit), [])) for unit in units), default=0)
    top, low = RankedImages.empty(count, ranks), RankedImages.empty(count, most_low)
    coverage = np.zeros((count, ranks), dtype=np.float32)
    for done, (unit, rows) in enumerate(sorted(units.items()), start=1):
        _fill(top, unit, rows[:ranks], place)
        _fill(low, unit, found.low.get((layer, unit), []), place)
        masks = np.stack([region(found, row, images, place, facts.view) for row in rows[:ranks]])
        coverage[unit] = masks.mean(axis=(1, 2))
        store.put(files.masks.format(unit=unit), encode_sheet(masks))
        say(f"storing regions of {layer}", done, len(units))
    highest = np.array([units[u][0].score if u in units else 0 for u in range(count)])
    ties = [
        sum(row.score == units[u][0].score for row in units[u]) if u in units else 0
        for u in range(count)
    ]
    table = LayerTable(
        top=top,
        low=low,
        coverage=coverage,
        maximum=highest,
        threshold=np.zeros(count),
        saturated=np.array(ties) > facts.top,
    )
    store.put(files.table, encode_table(table))


def _fill(
    ranked: RankedImages, unit: int, rows: Sequence[ForeignRow], place: dict[str, int]
) -> None:
    for column, row in enumerate(rows):
        ranked.score[unit, column] = row.score
        ranked.image[unit, column] = place[row.image]
        ranked.y[unit, column], ranked.x[unit, column] = row.y, row.x


def _layer_facts(number: int, layer: str, units: dict[int, list[ForeignRow]]) -> LayerFacts:
    rows = [row for tops in units.values() for row in tops]
    return LayerFacts(
        name=layer,
        type="imported",
        unit_count=max(units) + 1,
        units=sorted(units),
        map_size=(max(row.y for row in rows) + 1, max(row.x for row in rows) + 1),
        field=None,
        **LayerFiles.numbered(number)._asdict(),
    )


def _manifest(
    found: ForeignDissection,
    images: ImageList,
    facts: Facts,
    layers: list[LayerFacts],
    random: list[int],
    picture_folder: str,
) -> Manifest:
    view = facts.view
    return Manifest(
        created_by=f"unitscope {__version__}, from {found.path.name}",
        network=NetworkFacts(
            spec=f"imported:{facts.name}",
            name=facts.name,
            weights=found.path.name,
            weights_sha256=found.sha256,
            input_size=[3, view.crop, view.crop],
            resize=view.resize,
            crop=view.crop,
            condition=facts.condition,
            origin={"table": found.path.name, "sha256": found.sha256},
            directions=None,
        ),
        images=image_facts(images).replaced(skipped=[]),
        settings=SettingsFacts(
            top=facts.top,
            segment="imported",
            collected=found.rank_count,
            tile_px=TILE_PX,
            zoom_px=ZOOM_PX,
            mask_px=MASK_PX,
        ),
        pictures=PICTURES_FILE,
        picture_folder=picture_folder,
        random_images=random,
        layers=layers,
    )
