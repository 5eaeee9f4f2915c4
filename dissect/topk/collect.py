"""One pass over the images: for every unit of every layer its top images, low images, quantile.

Each image is read, decoded and forwarded once. Memory is a constant: for a unit, the running
top-k (with their maps, where those fit in MAP_BYTES), a few blocks that wait to be ranked
(state.WAITING_BYTES a layer), the scores of at most 4,096 sampled images,
and the upper tail of 64 sampled cells of each of them. A pass may be cut into ranges of whole
blocks, done by whoever is free; the union of their states is the state of the whole.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting, DissectError, ImagesError
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo, layer_infos
from dissect.networks.registry import Network
from dissect.topk.batches import BLOCK, Block, Progress, blocks, forwarded
from dissect.topk.layer_state import LayerState
from dissect.topk.low_scores import lowest
from dissect.topk.ranking import Ranking, joined, scores_of
from dissect.topk.sampling import sampled_images

MAP_BYTES = 1 << 30  # maps of the running top-k kept in memory, of all layers together


@dataclass(frozen=True)
class Wanted:
    """What is asked of a pass.

    Attributes:
        top: images kept for each unit; cut to the number of images that can be read.
        shown: how many of them will be shown; at least so many must be readable.
        by: the score of an image, "max" of the map or "sum"; the other breaks ties.
    """

    layers: tuple[str, ...]
    top: int
    shown: int
    by: str = "max"

    def check(self, images: ImageList) -> None:
        """
        Raises:
            BadSetting, ImagesError: there is nothing to show, or fewer images than that.
        """
        if self.shown < 1:
            raise BadSetting(f"The number of top images must be at least 1, got {self.shown}.")
        if len(images) < self.shown:
            raise ImagesError(
                f"{images.source} holds {len(images)} images, fewer than the {self.shown} top "
                f"images asked for: add images, or take --top {len(images)} or less."
            )


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


@dataclass
class Partial:
    """What a range of blocks gave: a state for each layer, and the images that are bad."""

    states: list[LayerState]
    bad: dict[int, str]

    def merge(self, other: "Partial") -> None:
        """Take in another range; the order does not matter."""
        for mine, theirs in zip(self.states, other.states, strict=True):
            mine.merge(theirs)
        self.bad |= other.bad


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
    """Find what excites every unit of some layers; the arguments are those of Wanted.

    Raises:
        UnknownLayer, UnsupportedLayer, BadSetting, ImagesError.
    """
    wanted = Wanted(tuple(layers), top, top if shown is None else shown, by)
    wanted.check(images)
    everything = range(0, len(images), block)
    partial = collect_range(network, wanted, images, everything, device, block, progress)
    return finished(partial, wanted, images)


def empty(network: Network, wanted: Wanted, images: ImageList) -> Partial:
    """The state before any image was seen."""
    infos = layer_infos(network, wanted.layers)
    keeping = _kept_maps(infos, min(wanted.top, len(images)))
    sampled = len(sampled_images(len(images)))
    states = [
        LayerState(info, wanted.top, sampled, info.name in keeping, wanted.by) for info in infos
    ]
    return Partial(states, {})


def collect_range(
    network: Network,
    wanted: Wanted,
    images: ImageList,
    starts: range,
    device: torch.device | None = None,
    block: int = BLOCK,
    progress: Progress | None = None,
) -> Partial:
    """Forward some blocks of the list.

    Args:
        starts: the first places of the blocks, a range with step `block`.
    """
    partial = empty(network, wanted, images)
    sampled = set(sampled_images(len(images)).tolist())
    names = [state.info.name for state in partial.states]
    fed = blocks(network, images, starts, block)
    total = min(starts.stop, len(images)) - starts.start

    def take_in(fresh: Block, maps: dict[str, Tensor]) -> int:
        partial.bad |= fresh.bad
        for state in partial.states if maps else ():
            scores = scores_of(maps[state.info.name], fresh.images)
            _check_finite(scores, state.info.name, images)
            state.add(maps[state.info.name], scores, sampled)
        return len(fresh.images) + len(fresh.bad)

    done = 0
    for count in _beside(take_in, forwarded(network, names, fed, device or torch.device("cpu"))):
        done += count
        if progress:
            progress(done, total)
    for state in partial.states:
        state.settle()
    return partial


def _beside(
    work: Callable[[Block, dict[str, Tensor]], int],
    found: Iterable[tuple[Block, dict[str, Tensor]]],
) -> Iterator[int]:
    """Work on each thing found, in order, while the next is being found."""
    with ThreadPoolExecutor(1, thread_name_prefix="rank") as pool:
        under_way: Future[int] | None = None
        for each in found:
            if under_way:
                yield under_way.result()
            under_way = pool.submit(work, *each)
        if under_way:
            yield under_way.result()


def finished(partial: Partial, wanted: Wanted, images: ImageList) -> Pass:
    """What the union of all ranges found.

    Raises:
        ImagesError: fewer images than are to be shown can be read.
    """
    bad = dict(sorted(partial.bad.items()))
    _check_readable(images, bad, wanted.shown)
    return Pass([_found(state, wanted.shown) for state in partial.states], bad)


def _found(state: LayerState, shown: int) -> Collected:
    return Collected(
        info=state.info,
        top=state.top,
        low=lowest(joined(state.sample), state.top, shown, state.by),
        maximum=state.maximum,
        threshold=state.tail.threshold(),
        saturated=state.at_highest > shown,
        maps=state.maps,
    )


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
