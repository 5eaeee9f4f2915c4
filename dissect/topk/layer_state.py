"""What a pass keeps of one layer while it runs, and how two such keepings become one.

Merging the states of disjoint images, in any order, gives the state of their union, to the bit.
"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.networks.layers import LayerInfo
from dissect.topk.quantiles import UpperTail
from dissect.topk.ranking import Ranking, concatenated, ranking_order
from dissect.topk.sampling import SAMPLED_CELLS, sampled_cells

QUANTILE = 0.995  # Bau et al. 2017, arXiv:1704.05796
RANKED_AT_ONCE = 8  # batches
WAITING_BYTES = 1 << 26  # of maps of a layer that wait to be ranked; one batch may be more


class LayerState:
    """The running top images of a layer's units, the sampled scores and cells, the maxima.

    Args:
        k: images kept for each unit.
        sampled: how many of all images are in the fixed sample.
        keep_maps: whether the maps of the running top-k are kept, (units, k, height, width).
        by: the score of an image, "max" or "sum".
    """

    def __init__(
        self, info: LayerInfo, k: int, sampled: int, keep_maps: bool, by: str = "max"
    ) -> None:
        units, (height, width) = info.unit_count, info.map_size
        self.info, self.k, self.by = info, k, by
        self.top = _none(units)
        self.sample: list[Ranking] = []
        self.tail = UpperTail(units, QUANTILE, sampled * min(height * width, SAMPLED_CELLS))
        self.maximum = np.full(units, -np.inf, dtype=np.float32)
        self.highest = np.full(units, -np.inf, dtype=np.float32)  # of the scores
        self.at_highest = np.zeros(units, dtype=np.int64)  # images that have it
        self._maps = torch.empty(units, k, height, width) if keep_maps else None
        self._slot = np.zeros((units, 0), dtype=np.int64)  # where in _maps each top image lies
        self._waiting: list[tuple[Ranking, Tensor]] = []  # batches not ranked yet
        self._waiting_bytes = 0

    def add(self, maps: Tensor, scores: Ranking, sampled: set[int]) -> None:
        """Take in a batch: maps (images, units, height, width) and the scores they give.

        The maps must stay as they are: batches are ranked a few at a time, as most images of one
        would only push out those of the one before.
        """
        images = scores.image[0]
        chosen = np.flatnonzero([image in sampled for image in images.tolist()])
        if len(chosen):
            every_unit = np.broadcast_to(chosen, (len(scores.score), len(chosen)))
            whole = len(chosen) == len(images)
            self.sample.append(scores if whole else scores.take(every_unit))
            self.tail.add(_cells_of(maps, images, chosen))
        self._waiting.append((scores, maps))
        self._waiting_bytes += maps.nbytes if self._maps is not None else 0
        if len(self._waiting) >= RANKED_AT_ONCE or self._waiting_bytes >= WAITING_BYTES:
            self.rank_pending()

    def rank_pending(self) -> None:
        """Rank the batches that wait."""
        if not self._waiting:
            return
        scores = concatenated([scores for scores, _ in self._waiting])
        score = scores.by(self.by)
        highest = score.max(axis=1)
        self._count(highest, (score == highest[:, None]).sum(axis=1), scores.score.max(axis=1))
        self._rank(scores, [maps for _, maps in self._waiting])
        self._waiting, self._waiting_bytes = [], 0

    def merge(self, other: "LayerState") -> None:
        """Take in the state of other images."""
        self.rank_pending()
        other.rank_pending()
        self._count(other.highest, other.at_highest, other.maximum)
        self.sample += other.sample
        self.tail.merge(other.tail)
        maps = other.maps
        if self._maps is None or maps is None:
            everything = concatenated([self.top, other.top])
            self.top = everything.take(ranking_order(everything, self.by)[:, : self.k])
        else:
            self._rank(other.top, [maps.transpose(0, 1)])

    @property
    def maps(self) -> Tensor | None:
        """Maps in the order of the ranking, (units, images, height, width); None if not kept."""
        if self._maps is None:
            return None
        return self._maps[torch.arange(len(self._maps))[:, None], torch.from_numpy(self._slot)]

    def _count(
        self, highest: NDArray[np.float32], times: NDArray[np.int64], maximum: NDArray[np.float32]
    ) -> None:
        self.at_highest[highest > self.highest] = 0
        self.at_highest += np.where(highest >= self.highest, times, 0)
        self.highest = np.maximum(self.highest, highest)
        self.maximum = np.maximum(self.maximum, maximum)

    def _rank(self, scores: Ranking, maps: Sequence[Tensor]) -> None:
        kept = len(self.top)
        everything = concatenated([self.top, scores])
        order = ranking_order(everything, self.by)[:, : self.k]
        self.top = everything.take(order)
        if self._maps is not None:
            self._store(order, kept, maps)

    def _store(self, order: NDArray[np.intp], kept: int, maps: Sequence[Tensor]) -> None:
        """Put the maps of images that came in where those of images that fell out were."""
        came = order >= kept
        old = np.take_along_axis(self._slot, np.where(came, 0, order), 1) if kept else order * 0
        used = np.zeros((len(order), self.k), dtype=bool)
        unit, _ = np.nonzero(~came)
        used[unit, old[~came]] = True
        free = np.argsort(used, axis=1, kind="stable")
        slot = np.where(came, np.take_along_axis(free, np.maximum(came.cumsum(1) - 1, 0), 1), old)
        unit, column = np.nonzero(came)
        self._copy(order[unit, column] - kept, unit, slot[unit, column], maps)
        self._slot = slot

    def _copy(
        self, image: NDArray[np.intp], unit: NDArray[np.intp], slot: NDArray[np.intp],
        batches: Sequence[Tensor],
    ) -> None:  # fmt: skip
        """Keep the maps of some images and units, (n,) each, that stand in consecutive batches."""
        assert self._maps is not None
        target = self._maps.flatten(0, 1).numpy()
        first = 0
        for maps in batches:
            at = np.flatnonzero((image >= first) & (image < first + len(maps)))
            source = (image[at] - first) * maps.shape[1] + unit[at]
            target[unit[at] * self.k + slot[at]] = _rows(maps, source)
            first += len(maps)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything that was kept, as arrays by name; `LayerState.fill` is the inverse."""
        self.rank_pending()
        found = _named("top", self.top) | {
            "tail": self.tail.kept(),
            "seen": np.array(self.tail.seen),
            "maximum": self.maximum,
            "highest": self.highest,
            "at_highest": self.at_highest,
        }
        if self.sample:
            found |= _named("sample", concatenated(self.sample))
        if (maps := self.maps) is not None:
            found["maps"] = maps.numpy()
        return found

    def fill(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Take everything from arrays that `arrays` made of a state of the same kind."""
        self.top = _from_named("top", arrays)
        self.sample = [_from_named("sample", arrays)] if "sample_score" in arrays else []
        self.tail.fill(arrays["tail"].astype(np.float32, copy=False), int(arrays["seen"]))
        for name in ("maximum", "highest", "at_highest"):
            setattr(self, name, arrays[name])
        if self._maps is not None:
            count = len(self.top)
            self._maps[:, :count] = torch.from_numpy(arrays["maps"])
            self._slot = np.tile(np.arange(count), (len(self._maps), 1))


def _rows(maps: Tensor, places: NDArray[np.intp]) -> NDArray[np.float32]:
    """Some maps of a batch, (n, height, width), by image * units + unit."""
    flat = maps.flatten(0, 1)
    if maps.device.type == "cpu":
        return np.asarray(flat.numpy()[places])
    return np.asarray(flat.index_select(0, torch.from_numpy(places).to(maps.device)).cpu().numpy())


def _none(units: int) -> Ranking:
    """A ranking of no images."""
    empty = np.zeros((units, 0))
    return Ranking(
        empty.astype(np.float32),
        empty.astype(np.float32),
        empty.astype(np.int64),
        empty.astype(np.int32),
        empty.astype(np.int32),
    )


def _named(prefix: str, ranking: Ranking) -> dict[str, NDArray[np.generic]]:
    return {f"{prefix}_{f.name}": getattr(ranking, f.name) for f in fields(Ranking)}


def _from_named(prefix: str, arrays: dict[str, NDArray[np.generic]]) -> Ranking:
    return Ranking(*(arrays[f"{prefix}_{f.name}"] for f in fields(Ranking)))  # type: ignore[arg-type]


def _cells_of(maps: Tensor, images: NDArray[np.int64], rows: NDArray[np.intp]) -> Tensor:
    """The sampled cells of some images of a batch: (units, cells)."""
    chosen = maps if len(rows) == len(maps) else maps[torch.from_numpy(rows).to(maps.device)]
    flat = chosen.flatten(2)
    units, count = flat.shape[1:]
    if count > SAMPLED_CELLS:
        cells = torch.from_numpy(sampled_cells(images[rows], count)).to(maps.device)
        flat = flat.gather(2, cells[:, None, :].expand(-1, units, -1))
    return flat.transpose(0, 1).flatten(1)
