"""Reads dissections into rows. Knows the files (docs/seam.md), not the library that wrote them.

SeamError: a dissection is missing, of another format, or does not fit the study.
"""

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar, Image, Layer, Network, Study, Unit

SCHEMA_VERSION = 1
SHEET_COLUMNS = 10  # of a unit's sheet of masks
THREADS = 8  # copying pictures: each waits for the storage


class SeamError(Exception):
    """A dissection cannot be read, or does not fit the study."""


@dataclass(frozen=True)
class Dissection:
    """A dissection in storage; `prefix` is its folder there."""

    prefix: str
    manifest: dict[str, Any]

    def read(self, name: str) -> bytes:
        try:
            return storage.read(f"{self.prefix}/{name}")
        except OSError as error:
            raise SeamError(f"{name} of {self.prefix} cannot be read: {error}") from error

    def table(self, layer: dict[str, Any]) -> dict[str, np.ndarray]:
        """A layer's arrays by name; see docs/seam.md for their shapes."""
        with np.load(io.BytesIO(self.read(layer["table"])), allow_pickle=False) as arrays:
            return dict(arrays)

    def pictures(self) -> list[dict[str, Any]]:
        return json.loads(self.read(self.manifest["pictures"]))

    def masks(self, layer: dict[str, Any], unit: int) -> np.ndarray:
        """A unit's regions in rank order: (images, side, side) bool."""
        sheet = np.asarray(Pillow.open(io.BytesIO(self.read(layer["masks"].format(unit=unit)))))
        side = sheet.shape[1] // SHEET_COLUMNS
        rows = sheet.shape[0] // side
        cells = sheet.reshape(rows, side, SHEET_COLUMNS, side).swapaxes(1, 2)
        return cells.reshape(-1, side, side).astype(bool)


def open_dissection(prefix: str) -> Dissection:
    """The dissection in a folder of the storage.

    Raises:
        SeamError: there is none, it cannot be read, or it is of a newer schema.
    """
    try:
        manifest = json.loads(storage.read(f"{prefix}/manifest.json"))
    except FileNotFoundError as error:
        raise SeamError(f"There is no finished dissection in {prefix}.") from error
    except (OSError, ValueError) as error:
        raise SeamError(f"The dissection in {prefix} cannot be read: {error}") from error
    version = manifest.get("schema_version")
    if manifest.get("format") != "unitscope-dissection" or version != SCHEMA_VERSION:
        raise SeamError(
            f"{prefix} has schema version {version}; this Unitscope reads version {SCHEMA_VERSION}."
        )
    return Dissection(prefix, manifest)


def serve_pictures(prefix: str, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a dissection's pictures to where the web serves them; those that are there are left.

    Args:
        progress: told how many of how many are done.

    Raises:
        SeamError: the storage does not answer, or is full.
    """
    dissection = open_dissection(prefix)
    names = {picture[size] for picture in dissection.pictures() for size in ("tile", "zoom")}

    def serve(name: str) -> None:
        path = f"pictures/{name}"
        storage.keep(path, lambda: dissection.read(path))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="pictures") as pool:
        try:
            for done, _ in enumerate(pool.map(serve, sorted(names)), start=1):
                if progress:
                    progress(done, len(names))
        except storage.StorageDown as error:
            raise SeamError(str(error)) from error
        finally:
            pool.shutdown(cancel_futures=True)


def load_dissection(study: Study, prefix: str, name: str) -> Network:
    """Make rows of a dissection: its network, layers, units, images and top exemplars.

    `serve_pictures` comes first. One transaction: all of it or nothing.
    """
    dissection = open_dissection(prefix)
    with transaction.atomic():
        network = _network(study, dissection, name)
        images = _images(study, dissection)
        for position, layer in enumerate(dissection.manifest["layers"]):
            _layer(network, dissection, layer, position, images)
    return network


def _network(study: Study, dissection: Dissection, name: str) -> Network:
    facts = dissection.manifest["network"]
    return Network.objects.create(
        study=study,
        name=name,
        spec=facts["spec"],
        position=study.networks.count(),
        weights_sha256=facts["weights_sha256"],
        dissection=dissection.prefix,
        manifest=dissection.manifest,
    )


def _images(study: Study, dissection: Dissection) -> dict[int, Image]:
    """The study's rows for a dissection's pictures, by place; other networks may share them."""
    at_random = set(dissection.manifest.get("random_images", []))
    rows = [
        Image(
            study=study,
            place=p["place"],
            path=p["path"],
            tile=p["tile"],
            zoom=p["zoom"],
            is_random=p["place"] in at_random,
        )
        for p in dissection.pictures()
    ]
    Image.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    tiles = {(row.place, row.tile) for row in rows}
    return {i.place: i for i in study.images.all() if (i.place, i.tile) in tiles}


def random_images(network: Network) -> list[Image]:
    """The images drawn whatever their scores, as the network sees them, in the order drawn.

    Any first n of them are a random sample too. Empty where the dissection has none.
    """
    drawn = network.manifest.get("random_images", [])
    if not drawn:
        return []
    tiles = {p["place"]: p["tile"] for p in open_dissection(network.dissection).pictures()}
    rows = network.study.images.filter(is_random=True)
    there = {image.place: image for image in rows if tiles.get(image.place) == image.tile}
    return [there[place] for place in drawn if place in there]


def _layer(
    network: Network,
    dissection: Dissection,
    facts: dict[str, Any],
    position: int,
    images: dict[int, Image],
) -> None:
    height, width = facts["map_size"]
    layer = Layer.objects.create(
        network=network,
        name=facts["name"],
        position=position,
        unit_count=facts["unit_count"],
        map_height=height,
        map_width=width,
    )
    table = dissection.table(facts)
    units = Unit.objects.bulk_create(
        Unit(
            layer=layer,
            number=number,
            maximum=float(table["maximum"][number]),
            threshold=float(table["threshold"][number]),
            saturated=bool(table["saturated"][number]),
        )
        for number in range(facts["unit_count"])
    )
    Exemplar.objects.bulk_create(
        _top_exemplars(units, table, network.study.top_count, images), batch_size=2000
    )


def _top_exemplars(
    units: list[Unit], table: dict[str, np.ndarray], top: int, images: dict[int, Image]
) -> Iterator[Exemplar]:
    for unit in units:
        row = {name: table[name][unit.number] for name in ("image", "score", "y", "x", "coverage")}
        for rank in range(min(top, len(row["image"]))):
            yield Exemplar(
                unit=unit,
                image=images[int(row["image"][rank])],
                role=Exemplar.Role.TOP,
                rank=rank + 1,
                score=float(row["score"][rank]),
                peak_y=int(row["y"][rank]),
                peak_x=int(row["x"][rank]),
                mask=rank,
                coverage=float(row["coverage"][rank]),
            )
