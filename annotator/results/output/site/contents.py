"""What a site is made from: the report, the addresses, and the units with their pictures."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from annotator.models import Exemplar, Layer, Snapshot, Study, Unit
from annotator.results.output.site.addresses import Addresses
from annotator.results.output.site.tiles import TILES, TileSource
from annotator.results.report.control_labels import control_kinds
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import Definition
from annotator.results.report.reported_numbers.registry import definitions
from dissect.format.tiles import WHOLE, Box


@dataclass(frozen=True)
class Site:
    """Everything that the pages of a study are made from.

    Attributes:
        report: with the results of every unit.
        numbers: layer id to the numbers of its units, answered or not, in order.
        tile_counts: (layer id, unit number) to the tiles on its strip; empty without pictures.
    """

    study: Study
    snapshot: Snapshot
    report: StudyReport
    addresses: Addresses
    numbers: dict[int, list[int]]
    tile_counts: dict[tuple[int, int], int]

    @cached_property
    def layers(self) -> list[tuple[NetworkResult, LayerResult]]:
        return [(network, layer) for network in self.report.networks for layer in network.layers]

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """What every number means, by its key."""
        return definitions(self.report.threshold)

    @cached_property
    def control_kinds(self) -> dict[str, str]:
        """The name of a chance control to what it is called beside a number."""
        return control_kinds(self.report.networks)

    @cached_property
    def activity(self) -> dict[int, dict[int, str]]:
        """Layer id to the word that marks a unit, for those that have one."""
        return {layer.id: layer.activity_by_unit for _, layer in self.layers}

    @cached_property
    def concept_counts(self) -> Counter[str | None]:
        """How many units have each concept as their consensus."""
        concepts = (unit.named.consensus for _, layer in self.layers for unit in layer.units)
        return Counter(concept for concept in concepts if concept)


def unit_numbers(study: Study) -> dict[int, list[int]]:
    """The units that a site is made from: their numbers by layer id, in one query."""
    numbers: dict[int, list[int]] = {
        pk: [] for pk in Layer.objects.filter(network__study=study).values_list("pk", flat=True)
    }
    units = Unit.objects.filter(layer__network__study=study).order_by("layer", "number")
    for layer_id, number in units.values_list("layer", "number"):
        numbers[layer_id].append(number)
    return numbers


def layer_sources(layer: Layer) -> dict[int, tuple[str, tuple[TileSource, ...]]]:
    """A site's contents of a layer: unit number to (sheet of masks, pictures) of its strip.

    Args:
        layer: with its network.
    """
    network = layer.network
    facts = {one["name"]: one for one in network.manifest.get("layers", [])}.get(layer.name)
    exemplars = Exemplar.objects.filter(unit__layer=layer, role=Exemplar.Role.TOP, rank__lte=TILES)
    rows = exemplars.order_by("unit__number", "rank")
    columns = ("unit__number", "image__tile", "mask", "coverage", "tile")
    tiles: dict[int, list[TileSource]] = defaultdict(list)
    boxes = ("box_left", "box_top", "box_side")
    for unit, picture, mask, coverage, cut, *box in rows.values_list(*columns, *boxes):
        region = mask if network.dissection and facts and coverage > 0 else None
        square = Box(*box) if cut else WHOLE
        tiles[unit].append(TileSource(f"pictures/{picture}", region, square))
    return {
        unit: (
            f"{network.dissection}/{facts['masks'].replace('{unit}', str(unit))}" if facts else "",
            tuple(of_unit),
        )
        for unit, of_unit in tiles.items()
    }
