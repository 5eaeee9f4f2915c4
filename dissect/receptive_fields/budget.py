"""Quick fields: what can be measured of a layer's field within a budget of forwards.

Work is counted in whole-image forwards, never in seconds, so that a result does not depend on the
speed of a machine: a window that is recomputed counts by its share of a forward up to the layer.
Occlusion is taken where it fits for enough units; deeper layers, where each of hundreds of
occluders changes nearly the whole map, are estimated from gradients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from dissect.errors import UnsupportedLayer
from dissect.images.image_list import ImageList
from dissect.networks.layer_outputs import blank_input
from dissect.networks.registry import Network
from dissect.receptive_fields.discrepancy import Peak, unit_maps
from dissect.receptive_fields.empirical import EmpiricalFields, empirical_fields, fields_of_maps
from dissect.receptive_fields.gradient import first_order_discrepancies
from dissect.receptive_fields.incremental.forward import Cell, IncrementalForward
from dissect.receptive_fields.incremental.ops import NotLocal
from dissect.receptive_fields.incremental.trace import record_trace
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import Field
from dissect.topk.batches import Progress
from dissect.topk.ranking import Ranking
from dissect.topk.results import CollectedLayer
from dissect.topk.sampling import in_random_order

FORWARDS_SHARE = 0.1  # of a dissection's forwards, for the fields of all its layers together
MAX_UNITS = 16
MIN_OCCLUDED_UNITS = 4  # fewer do not stand for a layer
OCCLUDED_IMAGES = 5  # averaged for a unit
GRADIENT_IMAGES = 3  # more move the size by some percent, and cost units
GRADIENT_FORWARDS = 2  # a gradient costs a forward and a backward
OCCLUDERS = Occluders(stride=6, fill="constants")
GRADIENT_OCCLUDERS = Occluders(fill="constants")  # all places come from one gradient


@dataclass(frozen=True)
class QuickFields:
    """The fields of a sample of a layer's units, as far as a budget went.

    Attributes:
        how: "measured" by occlusion, or "gradient".
        top_images: averaged for each unit.
        forwards: the work, in whole-image forwards; None where there was no budget.
    """

    how: str
    fields: EmpiricalFields
    top_images: int
    forwards: float | None


def quick_fields(
    network: Network,
    layer: CollectedLayer,
    field: Field,
    images: ImageList,
    forwards: float,
    progress: Progress | None = None,
) -> QuickFields | None:
    """Quick fields of a layer: of as many units as a budget of forwards allows.

    Live units are drawn by a hash that is keyed by the image list.

    Args:
        forwards: the budget, in whole-image forwards.

    Returns:
        None where the budget is less than one gradient, the layer has none, the network's view
        is smaller than an occluder, or all units are dead.
    """
    if network.preprocessing.crop < OCCLUDERS.size:
        return None
    order = in_random_order(layer.info.unit_count, images.sha256).tolist()
    live = set(layer.units) - set(np.flatnonzero(layer.activity.dead).tolist())
    units = [unit for unit in order if unit in live][:MAX_UNITS]
    if not units:
        return None
    top = _first_ranks(layer, min(OCCLUDED_IMAGES, len(layer.top)))
    occluded, cost = units_in_budget(network, layer, top, units, forwards)
    if len(occluded) >= min(MIN_OCCLUDED_UNITS, len(live)):
        fields = empirical_fields(
            network, layer.info, field, images, top, occluded, OCCLUDERS, progress
        )
        return QuickFields("measured", fields, len(top), cost)
    pairs = int(forwards // GRADIENT_FORWARDS)
    if not pairs:
        return None
    top = _first_ranks(layer, min(GRADIENT_IMAGES, len(layer.top), pairs))
    units = units[: pairs // len(top)]
    try:
        fields = _gradient_fields(network, layer, field, images, top, units, progress)
    except UnsupportedLayer:
        return None
    return QuickFields("gradient", fields, len(top), GRADIENT_FORWARDS * len(units) * len(top))


def _first_ranks(layer: CollectedLayer, count: int) -> Ranking:
    return layer.top.take(np.tile(np.arange(count), (layer.info.unit_count, 1)))


def units_in_budget(
    network: Network, layer: CollectedLayer, top: Ranking, units: Sequence[int], forwards: float
) -> tuple[list[int], float]:
    """Choose the first units whose occlusion fits a budget; returns them and what they cost."""
    cost, total, chosen = OcclusionCost(network, layer.info.name), 0.0, []
    for unit in units:
        cells = zip(top.y[unit].tolist(), top.x[unit].tolist(), strict=True)
        total_with = total + sum(cost.of_image(cell) for cell in cells)
        if total_with > forwards:
            break
        chosen.append(unit)
        total = total_with
    return chosen, total


class OcclusionCost:
    """What it costs to occlude an image at every place, in forwards up to a layer.

    Units that share an image share its forwards, so together they cost less than the sum.
    """

    def __init__(self, network: Network, layer: str, occluders: Occluders = OCCLUDERS) -> None:
        self.side, self.occluders = network.preprocessing.crop, occluders
        self.incremental: IncrementalForward | None = None
        self.of_image = cache(self._of_image)
        try:
            with torch.no_grad():
                trace = record_trace(network, blank_input(network)[0], [layer])
            incremental = IncrementalForward(trace, layer)
            target = trace.layers[layer]
            unit_maps(trace.steps[target.step].values[target.item], layer, network)
            self.incremental = incremental
        except NotLocal:
            pass

    def _of_image(self, cell: Cell) -> float:
        """The cost for one image with its peak in a cell."""
        starts, fillings = self.occluders.starts(self.side), len(self.occluders.fillings())
        if self.incremental is None:
            return float(1 + fillings * len(starts) ** 2)
        rows, columns = (
            self.incremental.spans(side, starts, self.occluders.size, range(line, line + 1))
            for side, line in enumerate(cell)
        )
        share = self.incremental.cost(rows, columns) / self.incremental.whole_cost()
        return 1 + fillings * share


def _gradient_fields(
    network: Network,
    layer: CollectedLayer,
    field: Field,
    images: ImageList,
    top: Ranking,
    units: Sequence[int],
    progress: Progress | None = None,
) -> EmpiricalFields:
    """Estimate the empirical fields of some units of a layer from gradients.

    Args:
        top: (units, k) of all units of the layer; all k images are averaged.

    Raises:
        UnsupportedLayer: the network has no gradient at this layer.
    """
    steps = len(GRADIENT_OCCLUDERS.starts(network.preprocessing.crop))
    maps = np.zeros((len(units), len(top), steps, steps), dtype=np.float32)
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    for row, unit in enumerate(units):
        views = [network.preprocessing.pixels(images.open(int(i))) for i in top.image[unit]]
        peaks = [Peak(unit, int(y), int(x)) for y, x in zip(top.y[unit], top.x[unit], strict=True)]
        maps[row] = first_order_discrepancies(
            network, layer.info.name, torch.stack(views).to(device), peaks, GRADIENT_OCCLUDERS
        )
        if progress:
            progress(row + 1, len(units))
    return fields_of_maps(maps, field, top, units, GRADIENT_OCCLUDERS, network.preprocessing.crop)
