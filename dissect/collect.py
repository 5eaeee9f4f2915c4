"""One pass over the images: for every unit of every layer its top images, low images, quantile.

Each image is read, decoded and forwarded once. Memory is a constant: for a unit, the running
top-k (with their maps, where those fit in MAP_BYTES), the scores of at most 4,096 sampled images,
and the upper tail of 64 sampled cells of each of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting, DissectError, ImagesError
from dissect.feeding import BLOCK, Progress, blocks, forwarded
from dissect.images import ImageList
from dissect.layers import LayerInfo, layer_infos
from dissect.networks import Network
from dissect.quantiles import Tail
from dissect.ranking import Ranking, joined, order_of, scores_of
from dissect.sampling import SAMPLED_CELLS, hashed, sampled_cells, sampled_images

QUANTILE = 0.995  # Bau et al. 2017, arXiv:1704.05796
LOW_SHARE = 0.05  # of the scores: catch images come from here
LOW_LEAST = 24
LOW_MOST = 96  # candidates kept; drawn by hash where more are low
MAP_BYTES = 1 << 30  # maps of the running top-k kept in memory, of all layers together


@dataclass(frozen=True)
class Collected:
    """What one pass found for a layer.

    Attributes:
        top: (units, k), best first.
        low: (units, p), candidates for catch images, image -1 where a unit has fewer.
        maximum, threshold: (units,), of the activations and their 0.995 quantile.
        saturated: (units,), more images at the top score than are shown.
        maps: (units, k, height, width), of `top`; None where they took too much memory.
    """

    info: LayerInfo
    top: Ranking
    low: Ranking
    maximum: NDArray[np.float32]
    threshold: NDArray[np.float32]
    saturated: NDArray[np.bool_]
    maps: Tensor | None


@dataclass(frozen=True)
class Pass:
    """One pass's results: layers in the order asked, and the images that could not be read."""

    layers: list[Collected]
    bad: dict[int, str]


def collect(
    network: Network,
    layers: Sequence[str],
    images: ImageList,
    top: int,
    shown: int | None = None,
    device: torch.device | None = None,
    block: int = BLOCK,
    progress: Progress | None = None,
    by: str = "max",
) -> Pass:
    """Find what excites every unit of some layers.

    Args:
        top: images kept for each unit; cut to the number of images that can be read.
        shown: how many of them will be shown (default: top); at least so many must be readable.
        by: the score of an image, "max" of the map or "sum"; the other breaks ties.

    Raises:
        UnknownLayer, UnsupportedLayer, BadSetting, ImagesError.
    """
    shown = top if shown is None else shown
    if shown < 1:
        raise BadSetting(f"The number of top images must be at least 1, got {shown}.")
    if len(images) < shown:
        raise ImagesError(
            f"{images.source} holds {len(images)} images, fewer than the {shown} top images asked "
            f"for: add images, or take --top {len(images)} or less."
        )
    infos = layer_infos(network, layers)
    keeping = _kept_maps(infos, min(top, len(images)))
    sampled = set(sampled_images(len(images)).tolist())
    passes = {
        info.name: _LayerPass(info, top, len(sampled), info.name in keeping, by) for info in infos
    }
    bad: dict[int, str] = {}
    fed = blocks(network, images, range(0, len(images), block), block)
    names = [info.name for info in infos]
    done = 0
    for fresh, maps in forwarded(network, names, fed, device or torch.device("cpu")):
        bad |= fresh.bad
        for name, found in maps.items():
            scores = scores_of(found, fresh.images)
            _check_finite(scores, name, images)
            passes[name].add(found, scores, sampled)
        done += len(fresh.images) + len(fresh.bad)
        if progress:
            progress(done, len(images))
    _check_readable(images, bad, shown)
    return Pass([passes[name].result(shown) for name in names], bad)


def _kept_maps(infos: Sequence[LayerInfo], k: int) -> set[str]:
    """Layers whose top maps fit in memory together, smallest first."""
    room, kept = MAP_BYTES, set()
    for info in sorted(infos, key=lambda i: i.unit_count * i.map_size[0] * i.map_size[1]):
        room -= info.unit_count * k * info.map_size[0] * info.map_size[1] * 4
        if room >= 0:
            kept.add(info.name)
    return kept


def _check_finite(scores: Ranking, layer: str, images: ImageList) -> None:
    """A maximum and a sum are finite only if every cell is."""
    good = np.isfinite(scores.score) & np.isfinite(scores.sum)
    if not good.all():
        unit, column = np.argwhere(~good)[0]
        raise DissectError(
            f"Unit {unit} of layer {layer!r} is not a finite number on "
            f"{images.paths[scores.image[unit, column]]}; check the weights and the preprocessing."
        )


def _check_readable(images: ImageList, bad: dict[int, str], shown: int) -> None:
    readable = len(images) - len(bad)
    if readable < shown:
        place, reason = next(iter(bad.items()))
        raise ImagesError(
            f"Only {readable} of {len(images)} images in {images.source} can be read, fewer than "
            f"the {shown} top images asked for; {images.paths[place]}: {reason}."
        )


class _LayerPass:
    """The running state of one layer."""

    def __init__(self, info: LayerInfo, top: int, sampled: int, keep_maps: bool, by: str) -> None:
        units, (height, width) = info.unit_count, info.map_size
        self.info, self.k, self.by = info, top, by
        self.top: Ranking | None = None
        self.sample: list[Ranking] = []
        cells = min(height * width, SAMPLED_CELLS)
        self.tail = Tail(units, QUANTILE, sampled * cells)
        self.maximum = np.full(units, -np.inf, dtype=np.float32)
        self.highest = np.full(units, -np.inf, dtype=np.float32)  # of the scores
        self.at_highest = np.zeros(units, dtype=np.int64)  # images that have it
        self.maps = torch.empty(units, top, height, width) if keep_maps else None
        self.slot = np.zeros((units, 0), dtype=np.int64)  # where in maps each top image lies

    def add(self, maps: Tensor, scores: Ranking, sampled: set[int]) -> None:
        """Take in a batch: maps (images, units, height, width) and the scores they give."""
        images = scores.image[0]
        self._count_maxima(scores)
        chosen = np.flatnonzero([image in sampled for image in images.tolist()])
        if len(chosen):
            every_unit = np.broadcast_to(chosen, (len(scores.score), len(chosen)))
            self.sample.append(scores.take(every_unit))
            self.tail.add(_cells_of(maps, images, chosen))
        self._rank(scores, maps)

    def _count_maxima(self, scores: Ranking) -> None:
        score = scores.by(self.by)
        highest = score.max(axis=1)
        self.at_highest[highest > self.highest] = 0
        self.highest = np.maximum(self.highest, highest)
        self.at_highest += (score == self.highest[:, None]).sum(axis=1)
        self.maximum = np.maximum(self.maximum, scores.score.max(axis=1))

    def _rank(self, scores: Ranking, maps: Tensor) -> None:
        if self.top is None:
            self.top = scores.take(np.zeros((len(scores.score), 0), dtype=np.intp))
        kept = len(self.top)
        everything = joined([self.top, scores])
        order = order_of(everything, self.by)[:, : self.k]
        self.top = everything.take(order)
        if self.maps is not None:
            self._store(order, kept, maps)

    def _store(self, order: NDArray[np.intp], kept: int, maps: Tensor) -> None:
        """Put the maps of images that came in where those of images that fell out were."""
        came = order >= kept
        old = np.take_along_axis(self.slot, np.where(came, 0, order), 1) if kept else order * 0
        used = np.zeros((len(order), self.k), dtype=bool)
        unit, _ = np.nonzero(~came)
        used[unit, old[~came]] = True
        free = np.argsort(used, axis=1, kind="stable")
        slot = np.where(came, np.take_along_axis(free, np.maximum(came.cumsum(1) - 1, 0), 1), old)
        unit, column = np.nonzero(came)
        if len(unit) and self.maps is not None:
            image = torch.from_numpy(order[unit, column] - kept)
            source = maps[image.to(maps.device), torch.from_numpy(unit).to(maps.device)]
            self.maps[torch.from_numpy(unit), torch.from_numpy(slot[unit, column])] = source.cpu()
        self.slot = slot

    def result(self, shown: int) -> Collected:
        assert self.top is not None
        threshold = self.tail.threshold()
        return Collected(
            info=self.info,
            top=self.top,
            low=lowest(joined(self.sample), self.top, shown, self.by),
            maximum=self.maximum,
            threshold=threshold,
            saturated=self.at_highest > shown,
            maps=None if self.maps is None else _gathered(self.maps, self.slot),
        )


def _gathered(maps: Tensor, slot: NDArray[np.int64]) -> Tensor:
    """Maps in the order of the ranking: (units, k, height, width)."""
    unit = torch.arange(len(maps))[:, None]
    return maps[unit, torch.from_numpy(slot)]


def _cells_of(maps: Tensor, images: NDArray[np.int64], rows: NDArray[np.intp]) -> Tensor:
    """The sampled cells of some images of a batch: (units, cells)."""
    flat = maps.flatten(2)
    count = flat.shape[2]
    if count <= SAMPLED_CELLS:
        return flat[torch.from_numpy(rows)].transpose(0, 1).flatten(1)
    cells = np.stack([sampled_cells(int(images[row]), count) for row in rows])
    index = torch.from_numpy(cells).to(maps.device)[:, None, :].expand(-1, flat.shape[1], -1)
    found = flat[torch.from_numpy(rows).to(maps.device)].gather(2, index)
    return found.transpose(0, 1).flatten(1)


def lowest(sample: Ranking, top: Ranking, shown: int, by: str = "max") -> Ranking:
    """Candidates for catch images: the lowest 5 % of a unit's scores, ties at the cut included.

    At least 24 where there are so many; where more than 96 are low, a hashed draw of them, never
    simply the first. Images among the unit's shown top images are no candidates.

    Returns:
        (units, at most 96), lowest score first then image; image -1 pads units with fewer.
    """
    rows = [
        _lowest_of_unit(sample.by(by)[unit], sample.image[unit], top.image[unit, :shown], unit)
        for unit in range(len(sample.score))
    ]
    width = max((len(row) for row in rows), default=0)
    order = np.full((len(rows), width), -1, dtype=np.intp)
    for unit, row in enumerate(rows):
        order[unit, : len(row)] = row
    low = sample.take(np.maximum(order, 0)) if width else sample.take(order)
    return Ranking(low.score, low.sum, np.where(order < 0, -1, low.image), low.y, low.x)


def _lowest_of_unit(
    scores: NDArray[np.float32], images: NDArray[np.int64], shown: NDArray[np.int64], unit: int
) -> NDArray[np.intp]:
    cut_at = max(LOW_LEAST, int(np.ceil(LOW_SHARE * len(scores))))
    cut = np.partition(scores, cut_at - 1)[cut_at - 1] if cut_at < len(scores) else np.inf
    low = np.flatnonzero((scores <= cut) & ~np.isin(images, shown))
    if len(low) > LOW_MOST:
        keys = hashed(images[low], seed=unit + 7)
        low = low[np.argsort(keys, kind="stable")[:LOW_MOST]]
    return low[np.lexsort((images[low], scores[low]))]


def visited_again(
    network: Network,
    layer: str,
    images: ImageList,
    top: Ranking,
    device: torch.device,
    block: int = BLOCK,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Tensor]]:
    """The maps of a layer's top images, from a second forward in the same blocks.

    Yields:
        units, ranks, maps: (n,), (n,), (n, height, width), block by block.
    """
    wanted = np.unique(top.image)
    starts = np.unique(wanted // block * block).tolist()
    fed = blocks(network, images, starts, block)
    for fresh, maps in forwarded(network, [layer], fed, device):
        for row, image in enumerate(fresh.images.tolist()):
            units, ranks = np.nonzero(top.image == image)
            if len(units):
                yield units, ranks, maps[layer][row, torch.from_numpy(units).to(device)].cpu()
