"""Images go through a network in batches of one shape, decoded in threads while it computes.

An activation changes in its seventh digit with the batch size, the thread count and the memory
format, but not with the other images of a batch of the same shape. A batch is therefore always
BATCH_SIZE consecutive places of the image list; the last batch and the places of unreadable images
are padded with zeros. Everything else that could change an activation is in the fingerprint, and
results of different fingerprints are never merged.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.background import Background
from dissect.errors import ImagesError, UnsupportedLayer
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.machine import keep_freed_memory
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.registry import Network
from dissect.topk.copies import view_digest
from dissect.topk.repeats import check_repeats

BATCH_SIZE = 32
MAX_DECODED = 3  # batches decoded before they are needed
PIECES_A_THREAD = 4  # at least, that a batch is decoded in

Progress = Callable[[int, int], None]  # images done, of how many
StageProgress = Callable[[str, int, int], None]  # name of the stage, items done, of how many
Decoded = tuple[Tensor, bytes] | str  # pixels and their hash, or why they cannot be read


@dataclass
class Batch:
    """Consecutive places of the image list, padded to a fixed shape.

    Attributes:
        images: (readable,) places of the images that could be read.
        rows: (readable,) their rows in `pixels`.
        pixels: (batch, channels, crop, crop) uint8.
        digests: hashes of the views of the readable images; equal ones are copies.
        bad: for each other image, by place, why it could not be read.
    """

    images: NDArray[np.int64]
    rows: list[int]
    pixels: Tensor
    digests: list[bytes]
    bad: dict[int, str] = field(default_factory=dict)


def decoded_batches(
    network: Network, images: ImageList, starts: Iterable[int], batch_size: int = BATCH_SIZE
) -> Iterator[Batch]:
    """Batches of images, each decoded in threads while the last is computed; MAX_DECODED ahead.

    Args:
        starts: the first place of each batch, in the order of the result.
    """
    keep_freed_memory()
    view = network.preprocessing
    least = view.resize if network.numerics.scaled_jpeg else None
    chosen = [range(start, min(start + batch_size, len(images))) for start in starts]

    def decode(place: int) -> Decoded:
        try:
            pixels = view.pixels(images.open(place, least))
        except ImagesError as error:
            return on_one_line(str(error))
        return pixels, view_digest(pixels)

    # Some images a piece: handing over each alone takes about 3 % of a thread's time.
    size = max(1, batch_size // (PIECES_A_THREAD * images.threads))
    ahead = MAX_DECODED * batch_size // size + 1  # a map begins one more after a result is used
    threads = min(images.threads, ahead)
    with Background(threads, ahead - threads, name="decode") as background:
        pieces = (
            places[first : first + size]
            for places in chosen
            for first in range(0, len(places), size)
        )
        decoded = background.map(lambda places: [decode(place) for place in places], pieces)
        for places in chosen:
            some = chain.from_iterable(islice(decoded, -(-len(places) // size)))
            yield _assembled(network, places, list(some), batch_size)


def _assembled(
    network: Network, places: range, decoded: Sequence[Decoded], batch_size: int
) -> Batch:
    view = network.preprocessing
    pixels = torch.zeros(batch_size, view.channels, view.crop, view.crop, dtype=torch.uint8)
    readable, digests, bad = [], [], {}
    for row, image in enumerate(decoded):
        if isinstance(image, str):
            bad[places[row]] = image
            continue
        pixels[row], digest = image
        readable.append(row)
        digests.append(digest)
    images = np.array([places[row] for row in readable], dtype=np.int64)
    return Batch(images, readable, pixels, digests, bad)


def forward_batches(
    network: Network,
    layers: Sequence[str],
    batches: Iterable[Batch],
    device: torch.device,
) -> Iterator[tuple[Batch, dict[str, Tensor]]]:
    """Forward each batch of images up to the last of some layers; the first one twice, as a check.

    Yields:
        batch, maps: for each layer (readable, units, height, width); no maps at all where no
            image of the batch could be read.

    Raises:
        UnsupportedLayer: a layer is not repeatable, see `repeats`.
    """
    network.move(device)
    network.model.to(memory_format=network.numerics.memory_format)
    with recording(network, layers, stop_early=True) as maps:
        for batch, pixels in _on_device(batches, device):
            if not len(batch.images):
                yield batch, {}
                continue
            forward(network, pixels)
            if skipped := [name for name in layers if name not in maps]:
                raise UnsupportedLayer(f"Layer {skipped[0]!r} does not run for all images.")
            whole = len(batch.rows) == len(batch.pixels)
            values = {name: maps[name] if whole else maps[name][batch.rows] for name in layers}
            check_repeats(network, pixels, batch.rows, maps)
            yield batch, values


def _on_device(batches: Iterable[Batch], device: torch.device) -> Iterator[tuple[Batch, Tensor]]:
    """Each batch with its pixels on the device.

    A GPU receives a batch while it forwards the one before: pinned memory is copied in a stream
    of its own, so neither waits for the other.
    """
    if device.type != "cuda":
        yield from ((batch, batch.pixels.to(device)) for batch in batches)
        return
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    pending: deque[tuple[Batch, Tensor, torch.cuda.Event]] = deque()
    for batch in batches:
        with torch.cuda.stream(stream):
            pixels = batch.pixels.pin_memory().to(device, non_blocking=True)
        pending.append((batch, pixels, stream.record_event()))
        if len(pending) > 1:
            yield _copied(*pending.popleft())
    while pending:
        yield _copied(*pending.popleft())


def _copied(batch: Batch, pixels: Tensor, copy: torch.cuda.Event) -> tuple[Batch, Tensor]:
    """Let the forward wait for the copy, and keep its memory until the forward has ended."""
    stream = torch.cuda.current_stream(pixels.device)
    stream.wait_event(copy)
    pixels.record_stream(stream)
    return batch, pixels


class Passes:
    """Several passes over the same images, reported as one progress.

    Each pass decodes and forwards each image once.

    Attributes:
        bad: for each unreadable image, by place, the reason; complete after the first pass.
    """

    def __init__(
        self,
        images: ImageList,
        count: int,
        device: torch.device,
        progress: Progress | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self.images, self.device, self.batch_size = images, device, batch_size
        self.total, self.done = count * len(images), 0
        self.progress = progress
        self.bad: dict[int, str] = {}

    def over(
        self, network: Network, layers: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], dict[str, Tensor]]]:
        """Run one pass.

        Yields:
            places, maps: the places (n,) of a batch's readable images, and for each layer their
                maps (n, units, height, width).

        Raises:
            ImagesError: no image can be read.
        """
        starts = range(0, len(self.images), self.batch_size)
        batches = decoded_batches(network, self.images, starts, self.batch_size)
        readable = 0
        for batch, maps in forward_batches(network, layers, batches, self.device):
            self.bad |= batch.bad
            readable += len(batch.images)
            if maps:
                yield batch.images, maps
            self.done += len(batch.images) + len(batch.bad)
            if self.progress:
                self.progress(self.done, self.total)
        if not readable:
            raise ImagesError(
                f"None of the {len(self.images)} images in {self.images.source} can be read."
            )
