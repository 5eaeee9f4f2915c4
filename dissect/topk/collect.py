"""One pass over the images: for every unit of every layer its top images, low images, quantile.

Each image is read, decoded and forwarded once. Memory does not grow with the number of images: a
layer holds the running top-k of each unit (with maps, where these fit in results.MAX_MAP_BYTES),
a few batches that are not ranked yet (layer_state.MAX_PENDING_BYTES), the scores of at most 4,096
sampled images, and the upper tail of at most 262,144 cells of their maps, all of them if no more.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.background import Background
from dissect.errors import DissectError
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.networks.registry import Network
from dissect.topk.batches import BATCH_SIZE, Batch, Progress, decoded_batches, forward_batches
from dissect.topk.ranking import Ranking, score_maps
from dissect.topk.results import PartialResult, PassResult, TopKSettings, finish
from dissect.topk.sampling import sampled_images

Checkpoint = Callable[[PartialResult, int], None]  # the result so far, images of this call


def collect(
    network: Network,
    layers: Sequence[str],
    images: ImageList,
    top: int,
    shown: int | None = None,
    device: torch.device | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Progress | None = None,
    by: str = "max",
    keep_duplicates: bool = False,
) -> PassResult:
    """Collect the top images of every unit of some layers, in a pass over all images.

    >>> result = collect(load_network("efficientnet_lite0"), ["_blocks.10"], images, top=9)
    >>> result.layers[0].top.image.shape    # (units, 9)

    Args:
        layers, top, shown, by, keep_duplicates: as `TopKSettings` describes them; all of `top` are
            shown by default.
        device: the CPU by default.
        progress: called with the number of images done and their total.

    Returns:
        For each layer places of images and scores (units, top), in the layer's own unit of
        activation, and the cells of the peaks.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        BadSetting: no image would be kept.
        ImagesError: there are fewer images that can be read than `top`.

    Source:
        Zhou et al. 2015, arXiv:1412.6856.
    """
    settings = TopKSettings(
        tuple(layers), top, top if shown is None else shown, by, keep_duplicates
    )
    settings.check(images)
    starts = range(0, len(images), batch_size)
    partial = collect_range(network, settings, images, starts, device, batch_size, progress)
    return finish(partial, settings, images)


def collect_range(
    network: Network,
    settings: TopKSettings,
    images: ImageList,
    starts: range,
    device: torch.device | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Progress | None = None,
    begun: PartialResult | None = None,
    checkpoint: Checkpoint | None = None,
) -> PartialResult:
    """Collect top images from some batches of the image list only.

    Args:
        starts: the first places of the batches, a range with step `batch_size`.
        begun: the result of earlier batches, which these are added to.
        checkpoint: called after each batch with the result up to it and its number of images of
            `starts`; it may store the result, but not keep it.
    """
    partial = begun or PartialResult.empty(network, settings, images)
    sample = set(sampled_images(len(images)).tolist())
    names = [state.info.name for state in partial.states]
    batches = decoded_batches(network, images, starts, batch_size)
    total = min(starts.stop, len(images)) - starts.start

    def add(forwarded: tuple[Batch, dict[str, Tensor]]) -> int:
        batch, maps = forwarded
        partial.bad |= batch.bad
        rows = None if settings.keep_duplicates else partial.views.add(batch.images, batch.digests)
        for state in partial.states if maps else ():
            scores = score_maps(maps[state.info.name], batch.images)
            _check_finite(scores, state.info.name, images)
            state.add(maps[state.info.name], scores, sample, rows)
        return len(batch.images) + len(batch.bad)

    done = 0
    forwards = forward_batches(network, names, batches, device or torch.device("cpu"))
    with Background(1, waiting=0, name="rank") as background:  # while the next batch is forwarded
        for count in background.map(add, forwards):
            done += count
            if checkpoint:  # here, because no batch is being added
                checkpoint(partial, done)
            if progress:
                progress(done, total)
    for state in partial.states:
        state.rank_pending()
    return partial


def _check_finite(scores: Ranking, layer: str, images: ImageList) -> None:
    """A maximum and a sum are finite only if every cell is."""
    finite = np.isfinite(scores.score) & np.isfinite(scores.sum)  # (units, images)
    if not finite.all():
        unit, column = np.argwhere(~finite)[0]
        path = on_one_line(images.paths[scores.image[unit, column]])
        raise DissectError(
            f"Unit {unit} of layer {layer!r} is not a finite number on {path}; check the weights "
            "and the preprocessing."
        )


def recompute_top_maps(
    network: Network,
    layer: str,
    images: ImageList,
    top: Ranking,
    device: torch.device,
    batch_size: int = BATCH_SIZE,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Tensor]]:
    """Collect the maps of a layer's top images again, in one more forward of these.

    Yields:
        units, ranks, maps: (n,), (n,), (n, height, width), one image at a time.
    """
    wanted = np.unique(top.image[top.image >= 0])  # (images,), on top for any unit
    starts = np.unique(wanted // batch_size * batch_size).tolist()
    batches = decoded_batches(network, images, starts, batch_size)
    for batch, maps in forward_batches(network, [layer], batches, device):
        for row, image in enumerate(batch.images.tolist()):
            units, ranks = np.nonzero(top.image == image)
            if len(units):
                yield units, ranks, maps[layer][row, torch.from_numpy(units).to(device)].cpu()
