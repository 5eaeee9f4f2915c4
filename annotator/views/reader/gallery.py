"""The object detectors of a report with their top images."""

from collections.abc import Sequence

from django.db.models import Q

from annotator.models import Unit
from annotator.results.output.headlines import LayerGallery
from annotator.views.reader.exemplar_tiles import Tile, tiles_of

TILES = 5  # of a unit


def gallery_tiles(galleries: Sequence[LayerGallery]) -> dict[int, dict[int, list[Tile]]]:
    """The gallery of a report: top images of its object detectors, in a fixed number of queries."""
    selected = Q(pk__in=[])
    for gallery in galleries:
        numbers = [unit.unit for _, units in gallery.classes for unit in units]
        selected |= Q(layer=gallery.layer.id, number__in=numbers)
    units = Unit.objects.filter(selected).select_related("layer__network").prefetch_related("hits")
    tiles = tiles_of(units, TILES)
    by_layer: dict[int, dict[int, list[Tile]]] = {gallery.layer.id: {} for gallery in galleries}
    for unit in units:
        by_layer[unit.layer_id][unit.number] = tiles[unit.pk]
    return by_layer
