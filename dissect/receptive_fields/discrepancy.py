"""How much hiding each part of an image changes a unit where it peaked.

All units that share an image share its occluded copies, and only the cells that an occluder can
reach and a peak depends on are computed again (`incremental.forward`). Where a layer's field is
the whole image by arithmetic (gates, attention, global averages), every copy goes through the
network.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import UnsupportedLayer
from dissect.networks.activation_maps import as_maps
from dissect.networks.directions import Directions
from dissect.networks.layers import forward, recording
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.forward import Cell, IncrementalForward
from dissect.receptive_fields.incremental.ops import NotLocal
from dissect.receptive_fields.incremental.spans import Spans
from dissect.receptive_fields.incremental.trace import record_trace
from dissect.receptive_fields.occluders import Occluders

FULL_AT_ONCE = 64  # occluded copies in a forward of the whole network
BLOCK = 8  # places of the occluder, to a side, that go through together


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
    """The absolute change of each unit's activation at its cell, for an occluder at each place.

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
    shape = len(occluders.starts(height)), len(occluders.starts(width))
    try:
        with torch.no_grad(), network.numerics.applied(pixels.device):
            found = _by_reach(network, layer, pixels, peaks, occluders)
    except NotLocal:
        found = discrepancies_by_full_forward(network, layer, pixels, peaks, occluders)
    return found.reshape(len(peaks), *shape).cpu().numpy()


def discrepancies_by_full_forward(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> Tensor:
    """The same for any layer, from one forward of the network an occluder: (peaks, places)."""
    places = np.arange(len(occluders.places(*pixels.shape[1:])))
    unit, y, x = torch.tensor([(p.unit, p.y, p.x) for p in peaks], device=pixels.device).T
    with recording(network.model, [layer], network.directions) as maps:
        forward(network, pixels[None])
        before = maps[layer][0, unit, y, x]
        found = torch.empty(len(peaks), len(places), device=pixels.device)
        for chosen in np.split(places, range(FULL_AT_ONCE, len(places), FULL_AT_ONCE)):
            forward(network, occluders.occluded(pixels, chosen))
            after = maps[layer][:, unit, y, x].T
            found[:, chosen[0] : chosen[-1] + 1] = (after - before[:, None]).abs()
    return found


def _by_reach(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> Tensor:
    tape = record_trace(network, pixels, [layer])
    reach = IncrementalForward(tape, layer)
    target = tape.layers[layer]
    value = tape.steps[target.step].values[target.item]
    maps = _maps(value, layer, network)
    found = torch.zeros(len(peaks), len(occluders.places(*pixels.shape[1:])), device=pixels.device)
    for cells, rows, columns in _groups(reach, pixels, peaks, occluders):
        watched = [number for number, peak in enumerate(peaks) if peak.cell in cells]
        unit = torch.tensor([peaks[number].unit for number in watched])
        which = torch.tensor([cells.index(peaks[number].cell) for number in watched])
        y, x = torch.tensor([peaks[number].cell for number in watched]).T
        before = maps[0, unit, y, x]
        for chosen, lines in _batches(reach, rows, columns):
            squares = network.preprocessing.normalise(occluders.patches(pixels, chosen))
            after = reach.values(squares, rows, columns, lines, cells)
            after = _turned(after, layer, network.directions.get(layer))[:, unit, which]
            places = torch.from_numpy(chosen)
            found[torch.tensor(watched)[:, None], places] = (after - before).abs().T
    return found


def _maps(value: Tensor, layer: str, network: Network) -> Tensor:
    try:
        maps = as_maps(value, layer, 1)
    except UnsupportedLayer as error:
        raise NotLocal(layer) from error
    if maps.shape != value.shape:  # its axes are others than a map's
        raise NotLocal(layer)
    turn = network.directions.get(layer)
    return turn.project(maps) if turn else maps


def _turned(after: Tensor, layer: str, turn: Directions | None) -> Tensor:
    """Channels to units: (n, units, cells)."""
    return turn.project(after[..., None])[..., 0] if turn else after


Group = tuple[list[Cell], Spans, Spans]


def _groups(
    reach: IncrementalForward, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> list[Group]:
    """Cells to be watched together: they join where that costs less than going apart."""

    def group(cells: list[Cell]) -> tuple[float, Group]:
        spans = []
        for side in (0, 1):
            lines = [cell[side] for cell in cells]
            starts = occluders.starts(pixels.shape[1 + side])
            wanted = range(min(lines), max(lines) + 1)
            spans.append(reach.spans(side, starts, occluders.size, wanted))
        return reach.cost(*spans), (cells, spans[0], spans[1])

    groups: list[tuple[float, Group]] = []
    for cell in sorted({peak.cell for peak in peaks}):
        alone = group([cell])
        joined = [group([*old[1][0], cell]) for old in groups]
        saved = [old[0] + alone[0] - new[0] for old, new in zip(groups, joined, strict=True)]
        if saved and max(saved) > 0:
            best = saved.index(max(saved))
            groups[best] = joined[best]
        else:
            groups.append(alone)
    return [found for _, found in groups]


def _batches(
    reach: IncrementalForward, rows: Spans, columns: Spans
) -> Iterator[tuple[NDArray[np.int64], tuple[NDArray[np.intp], NDArray[np.intp]]]]:
    """Numbers of the places where an occluder reaches a watched cell, with their row and column."""
    there = np.outer(reach.reached(rows), reach.reached(columns))
    y, x = np.nonzero(there)
    # In square blocks, as neighbours have windows of like size.
    order = np.lexsort((x, y, x // BLOCK, y // BLOCK))
    y, x = y[order], x[order]
    at_once = reach.at_once(rows, columns)
    for start in range(0, len(y), at_once):
        lines = y[start : start + at_once], x[start : start + at_once]
        yield np.ravel_multi_index(lines, there.shape), lines
