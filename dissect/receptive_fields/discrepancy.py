"""How much hiding each part of an image changes a unit's activation where it peaked.

All units that share an image share its occluded copies, and only the cells that an occluder
changes and a peak depends on are recomputed (`incremental.forward`). Where the theoretical field
of a layer is the whole image (gates, attention, global averages), each copy goes through the whole
network.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.networks.directions import Directions
from dissect.networks.layer_outputs import forward, layout_of_layer, recording
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.forward import Cell, IncrementalForward
from dissect.receptive_fields.incremental.ops import NotLocal
from dissect.receptive_fields.incremental.spans import Spans
from dissect.receptive_fields.incremental.trace import record_trace
from dissect.receptive_fields.occluders import Occluders

MAX_COPIES = 64  # occluded copies in a forward of the whole network
TILE = 8  # places along each side of a square that are computed together


@dataclass(frozen=True)
class Peak:
    """A unit, and the cell of its map to watch in one image."""

    unit: int
    y: int
    x: int

    @property
    def cell(self) -> Cell:
        return self.y, self.x


def discrepancies(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> NDArray[np.float32]:
    """Measure discrepancies: how an occluder at each place changes a unit at its peak cell.

    Zhou et al. 2015, arXiv:1412.6856.

    Args:
        pixels: (channels, height, width) uint8, on the network's device.
        peaks: at least one; any number for one unit.

    Returns:
        (peaks, rows, columns) of the occluders' places.

    Raises:
        BadSetting: the image is smaller than the occluder.
    """
    height, width = pixels.shape[1:]
    grid = len(occluders.starts(height)), len(occluders.starts(width))
    try:
        with torch.no_grad(), network.numerics.applied(pixels.device):
            changes = _by_incremental_forward(network, layer, pixels, peaks, occluders)
    except NotLocal:
        changes = discrepancies_by_full_forward(network, layer, pixels, peaks, occluders)
    return changes.reshape(len(peaks), *grid).cpu().numpy()


def discrepancies_by_full_forward(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> Tensor:
    """Measure discrepancies (peaks, places) by definition: one forward for each occluder."""
    places = np.arange(len(occluders.places(*pixels.shape[1:])))
    unit, y, x = torch.tensor([(p.unit, p.y, p.x) for p in peaks], device=pixels.device).T
    with recording(network, [layer]) as maps:
        forward(network, pixels[None])
        before = maps[layer][0, unit, y, x]  # (peaks,)
        changes = torch.empty(len(peaks), len(places), device=pixels.device)
        for chosen in np.split(places, range(MAX_COPIES, len(places), MAX_COPIES)):
            each = []
            for one in occluders.fillings():
                forward(network, one.occluded(pixels, chosen))
                after = maps[layer][:, unit, y, x].T  # (peaks, chosen)
                each.append((after - before[:, None]).abs())
            changes[:, chosen[0] : chosen[-1] + 1] = root_mean_square(each)
    return changes


def root_mean_square(changes: Sequence[Tensor]) -> Tensor:
    """Combine discrepancies of several fillings, all of one shape; a single one is itself."""
    if len(changes) == 1:
        return changes[0]
    return torch.stack(tuple(changes)).square().mean(dim=0).sqrt()


def _by_incremental_forward(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> Tensor:
    """(peaks, places); raises NotLocal where windows cannot follow the layer."""
    trace = record_trace(network, pixels, [layer])
    incremental = IncrementalForward(trace, layer)
    target = trace.layers[layer]
    maps = unit_maps(trace.steps[target.step].values[target.item], layer, network)
    place_count = len(occluders.places(*pixels.shape[1:]))
    changes = torch.zeros(len(peaks), place_count, device=pixels.device)
    for cells, rows, columns in _groups(incremental, pixels, peaks, occluders):
        watched = [number for number, peak in enumerate(peaks) if peak.cell in cells]
        unit = torch.tensor([peaks[number].unit for number in watched])  # (watched,)
        cell = torch.tensor([cells.index(peaks[number].cell) for number in watched])
        y, x = torch.tensor([peaks[number].cell for number in watched]).T
        before = maps[0, unit, y, x]
        for chosen, lines in _batches(incremental, rows, columns):
            each = []
            for one in occluders.fillings():
                squares = network.input_of(one.patches(pixels, chosen))
                channels = incremental.values(squares, rows, columns, lines, cells)
                after = _units_of(channels, network.directions.get(layer))[:, unit, cell]
                each.append((after - before).abs().T)  # (watched, chosen)
            places = torch.from_numpy(chosen)
            changes[torch.tensor(watched)[:, None], places] = root_mean_square(each)
    return changes


def unit_maps(value: Tensor, layer: str, network: Network) -> Tensor:
    """The maps (1, units, height, width) whose changes are discrepancies, from a layer's output."""
    if not layout_of_layer(network, layer).is_plain:  # windows follow (1, units, height, width)
        raise NotLocal(layer)
    directions = network.directions.get(layer)
    return directions.project(value) if directions else value.to(torch.float32)


def _units_of(channels: Tensor, directions: Directions | None) -> Tensor:
    """(n, channels, cells) to (n, units, cells)."""
    if directions:
        return directions.project(channels[..., None])[..., 0]
    return channels.to(torch.float32)


Group = tuple[list[Cell], Spans, Spans]


def _groups(
    incremental: IncrementalForward, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> list[Group]:
    """Groups of cells to watch together: cells join where that costs less than going apart."""

    def group(cells: list[Cell]) -> tuple[float, Group]:
        spans = []
        for side in (0, 1):
            lines = [cell[side] for cell in cells]
            starts = occluders.starts(pixels.shape[1 + side])
            watched = range(min(lines), max(lines) + 1)
            spans.append(incremental.spans(side, starts, occluders.size, watched))
        return incremental.cost(*spans), (cells, spans[0], spans[1])

    groups: list[tuple[float, Group]] = []  # each with its cost
    for cell in sorted({peak.cell for peak in peaks}):
        alone = group([cell])
        joined = [group([*old[1][0], cell]) for old in groups]
        saved = [old[0] + alone[0] - new[0] for old, new in zip(groups, joined, strict=True)]
        if saved and max(saved) > 0:
            best = saved.index(max(saved))
            groups[best] = joined[best]
        else:
            groups.append(alone)
    return [cells_and_spans for _, cells_and_spans in groups]


def _batches(
    incremental: IncrementalForward, rows: Spans, columns: Spans
) -> Iterator[tuple[NDArray[np.int64], tuple[NDArray[np.intp], NDArray[np.intp]]]]:
    """Batches of the places where an occluder changes a watched cell.

    Yields:
        places, (rows, columns): (n,) each, the number of the place, and its row and column.
    """
    reached = np.outer(incremental.reached(rows), incremental.reached(columns))
    y, x = np.nonzero(reached)
    # Tile by tile: neighbors have windows of similar size, so little is recomputed for nothing.
    order = np.lexsort((x, y, x // TILE, y // TILE))
    y, x = y[order], x[order]
    batch_size = incremental.batch_size(rows, columns)
    for start in range(0, len(y), batch_size):
        lines = y[start : start + batch_size], x[start : start + batch_size]
        yield np.ravel_multi_index(lines, reached.shape), lines
