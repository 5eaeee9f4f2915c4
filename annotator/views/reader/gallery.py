"""The object detectors of a report with their top images."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from annotator.models import Unit
from annotator.results.output.headlines import LayerGallery
from annotator.views.reader.exemplar_tiles import Tile, tiles_of

TILES = 5  # of a unit


@dataclass(frozen=True)
class GalleryUnit:
    """A unit of the gallery: where its page is, and its best pictures."""

    pk: int
    tiles: list[Tile]


def gallery_units(galleries: Sequence[LayerGallery]) -> dict[int, dict[int, GalleryUnit]]:
    """The units of a report's galleries by layer and number, in a fixed number of queries."""
    selected = Q(pk__in=[])
    for gallery in galleries:
        numbers = [unit.unit for _, units in gallery.classes for unit in units]
        selected |= Q(layer=gallery.layer.id, number__in=numbers)
    units = Unit.objects.filter(selected).select_related("layer__network").prefetch_related("hits")
    tiles = tiles_of(units, TILES)
    rows: dict[int, dict[int, GalleryUnit]] = {gallery.layer.id: {} for gallery in galleries}
    for unit in units:
        rows[unit.layer_id][unit.number] = GalleryUnit(unit.pk, tiles[unit.pk])
    return rows
