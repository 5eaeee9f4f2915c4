"""The state of one layer while a pass runs, and how the states of two parts of a pass merge.

Merging the states of disjoint images, in any order, gives the state of their union, to the bit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.networks.layers import LayerInfo
from dissect.topk.copies import first_of_each, renamed
from dissect.topk.quantiles import UpperTail
from dissect.topk.ranking import Ranking, concatenated, ranking_order
from dissect.topk.sampling import cells_of_each, sampled_cells
from dissect.topk.score_sample import ScoreSample

QUANTILE = 0.995  # Network Dissection, Bau et al. 2017, arXiv:1704.05796
NO_COPIES: Mapping[int, int] = MappingProxyType({})
MAX_PENDING_BATCHES = 3  # freeing more at once gives their memory back to the system
MAX_PENDING_BYTES = 1 << 26  # of maps of a layer that wait to be ranked; one batch may be more
MAX_SAMPLED_BYTES = 1 << 26  # of a batch's sampled cells that are copied at once


class LayerState:
    """The running top images of a layer's units, their sampled scores and cells, their maxima.

    Batches are ranked a few at a time: a single batch would often bring in images that the next
    one pushes out again, and their maps would be copied for nothing.

    Args:
        k: images kept for each unit.
        sample_size: number of images in the fixed sample, over the whole list.
        keep_maps: whether to keep the maps of the running top-k, (units, k, height, width).
        by: the score of an image, "max" or "sum".

    Attributes:
        top: (units, up to k), best first.
        sample: the scores of the sampled images.
        cells: sampled in each map of the sampled images, all of them where the budget is enough.
        tail: of the sampled cells, enough to read their QUANTILE.
        maximum: (units,), the highest activation.
        lowest: (units,), the lowest score.
    """

    def __init__(
        self, info: LayerInfo, k: int, sample_size: int, keep_maps: bool, by: str = "max"
    ) -> None:
        units, (height, width) = info.unit_count, info.map_size
        self.info, self.k, self.by = info, k, by
        self.top = Ranking.empty(units, 0)
        self.sample = ScoreSample(units)
        self.cells = min(height * width, cells_of_each(sample_size))
        self.tail = UpperTail(units, QUANTILE, sample_size * self.cells)
        self.maximum = np.full(units, -np.inf, dtype=np.float32)
        self.lowest = np.full(units, np.inf, dtype=np.float32)
        self._maps = torch.empty(units, k, height, width) if keep_maps else None
        # (units, images of top): where in _maps the map of each top image lies. A map stays in
        # its slot while its image moves up or down the ranking.
        self._slot = np.zeros((units, 0), dtype=np.int64)
        self._pending: list[tuple[Ranking, Tensor | None]] = []  # batches that are not ranked yet
        self._pending_bytes = 0

    def add(
        self,
        maps: Tensor,
        scores: Ranking,
        sample: set[int],
        distinct: NDArray[np.intp] | None = None,
    ) -> None:
        """Add a batch.

        Args:
            maps: (images, units, height, width). They must not change afterwards, as they are
                ranked later.
            scores: (units, images), the scores of these maps.
            sample: places of the images in the fixed sample.
            distinct: (n,), rows of the images that are no copies of earlier ones; None: all. Copies
                count for the quantile alone, whose sample is drawn before copies are known.
        """
        images = scores.image[0]
        rows = np.flatnonzero([image in sample for image in images.tolist()])  # (sampled,)
        if len(rows):
            for values in _sampled_values(maps, images, rows, self.cells):
                self.tail.add(values)
        if distinct is not None and len(distinct) < len(images):
            rows = np.flatnonzero(np.isin(distinct, rows))
            scores = scores.columns(distinct)
            maps = maps[torch.from_numpy(distinct).to(maps.device)]
        if len(rows):
            self.sample.add(scores, rows)
        if not len(scores):
            return
        kept = maps if self._maps is not None else None  # large maps must not wait in memory
        self._pending.append((scores, kept))
        self._pending_bytes += 0 if kept is None else kept.nbytes
        if len(self._pending) >= MAX_PENDING_BATCHES or self._pending_bytes >= MAX_PENDING_BYTES:
            self.rank_pending()

    def rank_pending(self) -> None:
        """Rank the batches that were added but not ranked yet."""
        if not self._pending:
            return
        scores = concatenated([scores for scores, _ in self._pending])
        score = scores.score_by(self.by)  # (units, images)
        self.maximum = np.maximum(self.maximum, scores.score.max(axis=1))
        self.lowest = np.minimum(self.lowest, score.min(axis=1))
        candidates = concatenated([self.top, scores])  # (units, old top images and new images)
        order = ranking_order(candidates, self.by)[:, : self.k]
        self._take(candidates, order, [maps for _, maps in self._pending if maps is not None])
        self._pending, self._pending_bytes = [], 0

    def merge(self, other: "LayerState", replaced: Mapping[int, int] = NO_COPIES) -> None:
        """Add the state of other images.

        Args:
            replaced: for images of one state that are copies of an image in the other one, by
                place, that place.
        """
        self.rank_pending()
        other.rank_pending()
        self.maximum = np.maximum(self.maximum, other.maximum)
        self.lowest = np.minimum(self.lowest, other.lowest)
        self.sample.merge(other.sample)
        self.tail.merge(other.tail)
        candidates = concatenated([self.top, other.top])
        if replaced:
            candidates = renamed(candidates, replaced)
        order = ranking_order(candidates, self.by)
        if replaced:
            order = first_of_each(order, candidates.image)
        maps = other.maps
        # Transposed, the other's top images look like a batch: (images, units, height, width).
        self._take(candidates, order[:, : self.k], [] if maps is None else [maps.transpose(0, 1)])

    @property
    def maps(self) -> Tensor | None:
        """Maps in the order of the ranking, (units, images, height, width); None if not kept."""
        if self._maps is None:
            return None
        return self._maps[torch.arange(len(self._maps))[:, None], torch.from_numpy(self._slot)]

    def _take(self, candidates: Ranking, order: NDArray[np.intp], maps: Sequence[Tensor]) -> None:
        """Make some candidates the top images; maps of new ones come as consecutive batches.

        Args:
            candidates: (units, old top images and new images).
            order: (units, up to k), columns of candidates, best first.
        """
        old_count = len(self.top)
        self.top = candidates.take(order)
        if self._maps is not None:
            self._store_maps(order, old_count, maps)

    def _store_maps(self, order: NDArray[np.intp], old_count: int, maps: Sequence[Tensor]) -> None:
        """Write the maps of images that came in to the slots of images that fell out."""
        is_new = order >= old_count  # (units, k), as all arrays here unless they say otherwise
        # A new image has no column in _slot: column 0 stands in, and is_new masks it out below.
        old_column = np.where(is_new, 0, order)
        old_slot = np.take_along_axis(self._slot, old_column, 1) if old_count else order * 0
        used = np.zeros((len(order), self.k), dtype=bool)  # (units, slots)
        unit, _ = np.nonzero(~is_new)
        used[unit, old_slot[~is_new]] = True
        free = np.argsort(used, axis=1, kind="stable")  # (units, slots), unused slots first
        nth_new = np.maximum(is_new.cumsum(1) - 1, 0)  # the n-th new image takes the n-th free slot
        slot = np.where(is_new, np.take_along_axis(free, nth_new, 1), old_slot)
        unit, column = np.nonzero(is_new)  # (new,)
        self._copy_maps(order[unit, column] - old_count, unit, slot[unit, column], maps)
        self._slot = slot

    def _copy_maps(
        self, image: NDArray[np.intp], unit: NDArray[np.intp], slot: NDArray[np.intp],
        batches: Sequence[Tensor],
    ) -> None:  # fmt: skip
        """Copy maps to slots: (n,) each; `image` counts on through the consecutive batches."""
        assert self._maps is not None
        target = self._maps.flatten(0, 1).numpy()  # (units * k, height, width), the same memory
        first = 0
        for maps in batches:
            here = np.flatnonzero((image >= first) & (image < first + len(maps)))
            rows = (image[here] - first) * maps.shape[1] + unit[here]  # of (images * units)
            target[unit[here] * self.k + slot[here]] = _map_rows(maps, rows)
            first += len(maps)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The whole state as arrays by name; `fill` is the inverse."""
        self.rank_pending()
        arrays = _with_prefix("top", self.top) | {
            "tail": self.tail.values(),
            "seen": np.array(self.tail.seen),
            "maximum": self.maximum,
            "lowest": self.lowest,
        }
        arrays |= {f"sample_{name}": array for name, array in self.sample.arrays().items()}
        if (maps := self.maps) is not None:
            arrays["maps"] = maps.numpy()
        return arrays

    def fill(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Replace this state by the arrays of a state with the same settings."""
        self.top = _without_prefix("top", arrays)
        prefix = "sample_"
        self.sample.fill(
            {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)}
        )
        self.tail.fill(arrays["tail"].astype(np.float32, copy=False), int(arrays["seen"]))
        for name in ("maximum", "lowest"):
            setattr(self, name, arrays[name])
        if self._maps is not None:
            count = len(self.top)
            self._maps[:, :count] = torch.from_numpy(arrays["maps"])
            self._slot = np.tile(np.arange(count), (len(self._maps), 1))


def _map_rows(maps: Tensor, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Some maps of a batch, (n, height, width), by image * units + unit."""
    flat = maps.flatten(0, 1)  # (images * units, height, width)
    if maps.device.type == "cpu":
        return np.asarray(flat.numpy()[rows])
    return np.asarray(flat.index_select(0, torch.from_numpy(rows).to(maps.device)).cpu().numpy())


def _with_prefix(prefix: str, ranking: Ranking) -> dict[str, NDArray[np.generic]]:
    return {f"{prefix}_{f.name}": getattr(ranking, f.name) for f in fields(Ranking)}


def _without_prefix(prefix: str, arrays: dict[str, NDArray[np.generic]]) -> Ranking:
    return Ranking(*(arrays[f"{prefix}_{f.name}"] for f in fields(Ranking)))  # type: ignore[arg-type]


def _sampled_values(
    maps: Tensor, images: NDArray[np.int64], rows: NDArray[np.intp], limit: int
) -> Iterator[Tensor]:
    """The sampled cells of some images of a batch, a few images at a time: (units, images * cells).

    Args:
        limit: cells of each map.
    """
    units, height, width = maps.shape[1:]
    at_once = max(1, MAX_SAMPLED_BYTES // (units * limit * maps.element_size()))
    for first in range(0, len(rows), at_once):
        some = rows[first : first + at_once]
        chosen = maps if len(some) == len(maps) else maps[torch.from_numpy(some).to(maps.device)]
        flat = chosen.flatten(2)  # (images, units, cells)
        if limit < height * width:
            cells = torch.from_numpy(sampled_cells(images[some], height * width, limit))
            index = cells.to(maps.device)[:, None, :]  # one draw for all units
            flat = flat.gather(2, index.expand(-1, units, -1))
        yield flat.transpose(0, 1).flatten(1)
