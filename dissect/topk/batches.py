"""Images to a network in blocks of fixed shape, decoded beside the forward, each once.

Activations change in the seventh digit with batch size, thread count and memory format, not with
the companions in a batch of one shape. So images are forwarded in blocks of B consecutive places
of their list, the last one padded, and a bad image's place padded too; what else could change
them is the fingerprint, and results of different fingerprints are never merged.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting, ImagesError
from dissect.images.image_list import ImageList
from dissect.networks.layers import forward, recording
from dissect.networks.numerics import PLAIN, Numerics
from dissect.networks.registry import Network

BLOCK = 32
AHEAD = 3  # blocks decoded before they are needed

Progress = Callable[[int, int], None]


@dataclass
class Block:
    """Consecutive places of the list, padded to a fixed shape.

    Attributes:
        images: (good,) places of the images that could be read.
        rows: (good,) where they stand in the batch.
        pixels: (block, channels, crop, crop) uint8.
        bad: why the others could not be read, by place.
    """

    images: NDArray[np.int64]
    rows: list[int]
    pixels: Tensor
    bad: dict[int, str] = field(default_factory=dict)


def fingerprint(
    device: torch.device, numerics: Numerics = PLAIN, block: int = BLOCK
) -> dict[str, str | int]:
    """What the last digits of an activation depend on."""
    return {
        "block": block,
        "threads": torch.get_num_threads(),
        **numerics.facts(device),
        "device": device.type if device.type == "cpu" else torch.cuda.get_device_name(device),
        "torch": torch.__version__,
    }


def chosen_device(name: str = "auto") -> torch.device:
    """The device that --device names: auto takes the first GPU where there is one.

    Raises:
        BadSetting: there is no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadSetting(f"There is no device {name!r}: auto, cpu, cuda or cuda:N.") from error
    if device.type not in ("cpu", "cuda"):
        raise BadSetting(f"Device {name!r} is not supported: auto, cpu, cuda or cuda:N.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise BadSetting(f"Device {name!r} is not on this machine: no CUDA. Take --device cpu.")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise BadSetting(f"Device {name!r} is not on this machine: it has {count}, from cuda:0 on.")
    return device


def blocks(
    network: Network, images: ImageList, starts: Iterable[int], block: int = BLOCK
) -> Iterator[Block]:
    """Decode blocks in threads, a few ahead of their use.

    Args:
        starts: the first places of the blocks, in the order wanted.
    """
    queue: deque[tuple[range, list[Future[Tensor]]]] = deque()
    with ThreadPoolExecutor(images.threads, thread_name_prefix="decode") as pool:

        def decode(place: int) -> Tensor:
            return network.preprocessing.pixels(images.open(place))

        try:
            for start in starts:
                places = range(start, min(start + block, len(images)))
                queue.append((places, [pool.submit(decode, place) for place in places]))
                if len(queue) > AHEAD:
                    yield _assembled(network, *queue.popleft(), block)
            while queue:
                yield _assembled(network, *queue.popleft(), block)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _assembled(
    network: Network, places: range, decoding: Sequence[Future[Tensor]], block: int
) -> Block:
    shape = network.preprocessing
    pixels = torch.zeros(block, shape.channels, shape.crop, shape.crop, dtype=torch.uint8)
    good, bad = [], {}
    for row, future in enumerate(decoding):
        try:
            pixels[row] = future.result()
            good.append(row)
        except ImagesError as error:
            bad[places[row]] = str(error)
    images = np.array([places[row] for row in good], dtype=np.int64)
    return Block(images, good, pixels, bad)


def forwarded(
    network: Network,
    layers: Sequence[str],
    fed: Iterable[Block],
    device: torch.device,
) -> Iterator[tuple[Block, dict[str, Tensor]]]:
    """Each block with the maps of its readable images: (good, units, height, width) a layer."""
    model = network.model.to(device).to(memory_format=network.numerics.memory_format)
    with recording(model, layers, network.directions, no_further=True) as maps:
        for block, pixels in _copied(fed, device):
            if not len(block.images):
                yield block, {}
                continue
            forward(network, pixels)
            whole = len(block.rows) == len(block.pixels)
            yield block, {name: maps[name] if whole else maps[name][block.rows] for name in layers}


def _copied(fed: Iterable[Block], device: torch.device) -> Iterator[tuple[Block, Tensor]]:
    """Each block with its pixels on the device; a GPU gets one while the one before is forwarded.

    Copies from pinned memory run in a stream of their own, so neither waits for the other.
    """
    if device.type != "cuda":
        yield from ((block, block.pixels.to(device)) for block in fed)
        return
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    ready: deque[tuple[Block, Tensor, torch.cuda.Event]] = deque()
    for block in fed:
        with torch.cuda.stream(stream):
            pixels = block.pixels.pin_memory().to(device, non_blocking=True)
        ready.append((block, pixels, stream.record_event()))
        if len(ready) > 1:
            yield _arrived(*ready.popleft())
    while ready:
        yield _arrived(*ready.popleft())


def _arrived(block: Block, pixels: Tensor, copied: torch.cuda.Event) -> tuple[Block, Tensor]:
    """The forward waits for the copy, and its memory is not given away before the forward ends."""
    here = torch.cuda.current_stream(pixels.device)
    here.wait_event(copied)
    pixels.record_stream(here)
    return block, pixels
