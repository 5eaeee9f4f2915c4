"""Compares a GPU with this machine's CPU; prints a line of JSON for each part.

    python -m benchmarks.gpu    (torch, torchvision, numpy, pillow, scikit-image, tqdm)

The parts compare activations, top images and receptive fields, each with every numerical option,
and measure images a second of the bare loop and of the pass. A part that fails is reported, and
the others still run.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

os.environ.setdefault("DEVICE", "cuda")

import numpy as np
import torch

from benchmarks.fields import OCCLUDERS
from benchmarks.world import DEVICE, LAYERS, alexnet, bare_loop, photographs
from dissect.dissection.writer import Settings, dissect
from dissect.networks.numerics import DEFAULT_NUMERICS, Numerics, fingerprint
from dissect.networks.registry import Network, load_network
from dissect.receptive_fields.discrepancy import Peak, discrepancies, discrepancies_by_full_forward
from dissect.storage.store import Folder
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect, collect_range
from dissect.topk.results import TopKSettings, finish

HOST = torch.device("cpu")
OPTIONS = {
    "plain": DEFAULT_NUMERICS,
    "channels_last": Numerics(channels_last=True),
    "tf32": Numerics(tf32=True),
    "autocast": Numerics(autocast=True),
    "all three": Numerics(True, True, True),
}
FEW, MANY = 128, 2048


def _networks() -> Iterator[tuple[str, Network, tuple[str, ...]]]:
    yield "alexnet", alexnet(), LAYERS
    yield "resnet50", load_network("torchvision:resnet50"), ("layer2", "layer4")


def exactness() -> dict[str, Any]:
    """Largest relative differences of top scores, and the share of equal top images."""
    differences: dict[str, Any] = {}
    for name, network, layers in _networks():
        expected = collect(network, layers, photographs(FEW), 20, device=HOST).layers
        for option, numerics in OPTIONS.items():
            other = replace(network, numerics=numerics)
            actual = collect(other, layers, photographs(FEW), 20, device=DEVICE).layers
            pairs = list(zip(expected, actual, strict=True))
            differences[f"{name}, {option}"] = {
                "relative": max(_relative(a.top.score, b.top.score) for a, b in pairs),
                "same_top_images": min(
                    float((a.top.image == b.top.image).mean()) for a, b in pairs
                ),
            }
    return differences


def _relative(expected: np.ndarray, actual: np.ndarray) -> float:
    """The largest difference, relative to the largest expected value."""
    return float(np.abs(expected - actual).max() / np.abs(expected).max())


def shards() -> dict[str, Any]:
    """Whether two shards, merged in reverse order, equal the whole pass to the bit."""
    network, images, settings = alexnet(), photographs(256), TopKSettings(LAYERS, 20, 20)
    parts = [
        collect_range(network, settings, images, range(first, first + 128, BATCH_SIZE), DEVICE)
        for first in (128, 0)
    ]
    parts[0].merge(parts[1])
    merged = finish(parts[0], settings, images).layers
    whole_pass = collect(network, LAYERS, images, 20, device=DEVICE).layers
    names = ("score", "sum", "image", "y", "x")
    same = all(
        np.array_equal(getattr(a.top, name), getattr(b.top, name))
        for a, b in zip(merged, whole_pass, strict=True)
        for name in names
    )
    return {"two_shards_equal_one_to_the_bit": same}


def speed() -> dict[str, Any]:
    """Images a second of the forward alone (pixels on the device), the bare loop, and the pass."""
    return {
        f"{name}, {option}": _rates(replace(network, numerics=numerics), layers)
        for name, network, layers in _networks()
        for option, numerics in OPTIONS.items()
    }


def _rates(network: Network, layers: tuple[str, ...]) -> dict[str, float]:
    images = photographs(MANY)
    rates = {
        "forward alone": _rate(lambda: _forward_alone(network)),
        "pass": _rate(lambda: collect(network, layers, images, 120, 60, DEVICE)),
    }
    if network.spec == alexnet().spec:
        rates["bare loop"] = _rate(lambda: bare_loop(network, images))
    return rates


def _forward_alone(network: Network) -> None:
    from dissect.networks.layer_outputs import forward

    network.model.to(DEVICE).to(memory_format=network.numerics.memory_format)
    pixels = torch.randint(0, 256, (BATCH_SIZE, 3, 224, 224), dtype=torch.uint8, device=DEVICE)
    for _ in range(MANY // BATCH_SIZE):
        forward(network, pixels)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize(DEVICE)


def _rate(work: Callable[[], object]) -> float:
    work()
    return round(MANY / _seconds(work))


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    if DEVICE.type == "cuda":
        torch.cuda.synchronize(DEVICE)
    return perf_counter() - start


def fields() -> dict[str, Any]:
    """Seconds for the receptive field of a unit in an image, incrementally and by full forwards."""
    return {layer: _field(layer, side) for layer, side in (("features.7", 13), ("features.12", 6))}


def _field(layer: str, side: int) -> dict[str, float]:
    network = alexnet()
    pixels = network.preprocessing.pixels(photographs(FEW).open(3))
    peaks = [Peak(unit, unit % side, unit // side % side) for unit in range(0, 100, 12)]
    network.model.to(HOST)
    expected = discrepancies(network, layer, pixels, peaks[:2], OCCLUDERS)
    network.model.to(DEVICE)
    on_device = pixels.to(DEVICE)

    def incremental(count: int) -> np.ndarray:
        return discrepancies(network, layer, on_device, peaks[:count], OCCLUDERS)

    return {
        "relative_to_cpu": _relative(expected, incremental(2)),
        "one peak": _seconds(lambda: incremental(1)),
        "nine peaks": _seconds(lambda: incremental(9)),
        "full forwards": _seconds(
            lambda: discrepancies_by_full_forward(network, layer, on_device, peaks, OCCLUDERS)
        ),
    }


def whole() -> dict[str, Any]:
    """Seconds of a whole dissection of 256 units over a thousand images."""
    with TemporaryDirectory() as folder:
        store = Folder(Path(folder))

        def work() -> None:
            dissect(alexnet(), ["features"], photographs(), store, Settings(top=60), str(DEVICE))

        return {"seconds": _seconds(work), "bare": _seconds(_bare)}


def _bare() -> None:
    bare_loop(alexnet(), photographs())


def main() -> int:
    print(
        json.dumps({"fingerprint": fingerprint(DEVICE, BATCH_SIZE), "cores": os.cpu_count()}),
        flush=True,
    )
    failed = 0
    for part in (exactness, shards, speed, fields, whole):
        start = perf_counter()
        try:
            results: dict[str, Any] = part()
        except Exception:
            results, failed = {"failed": traceback.format_exc()[-1500:]}, 1
        duration = round(perf_counter() - start, 1)
        print(json.dumps({part.__name__: results, "took_seconds": duration}), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
