"""What is measured on: AlexNet, and photographs where there are some, else drawn scenes.

Photographs are looked for in ../shared/data or $UNITSCOPE_TEST_DATA (imagenet1k-sample/images).
"""

import contextlib
import io
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import torch

from dissect.demo.folder import write_folder
from dissect.images.image_list import ImageList, find_images
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import BATCH_SIZE, decoded_batches, select_device

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("UNITSCOPE_TEST_DATA", ROOT.parent / "shared" / "data"))
COUNT = 1000
LAYERS = ("features.2", "features.5", "features.7", "features.9", "features.12")
DEVICE = select_device(os.environ.get("DEVICE") or "cpu")


@lru_cache
def alexnet() -> Network:
    """Untrained, seeded: what it computes costs the same."""
    with contextlib.redirect_stderr(io.StringIO()):  # which would say so
        return load_network("torchvision:alexnet")


@lru_cache
def photographs(count: int = COUNT) -> ImageList:
    """The first photographs, over again where there are fewer than `count`."""
    found = find_images(_folder())
    lines = [str(found.root / found.paths[n % len(found)]) for n in range(count)]
    listed = Path(_scratch().name, f"{count}.txt")
    listed.write_text("\n".join(lines))
    return find_images(listed)


@lru_cache
def _folder() -> Path:
    """A thousand photographs, or as many drawings."""
    if (photos := SHARED / "imagenet1k-sample" / "images").is_dir():
        return photos
    folder = Path(_scratch().name, "scenes")
    write_folder(folder, COUNT, seed=0)
    return folder / "images"


@lru_cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="unitscope-bench-")


def bare_loop(network: Network, images: ImageList) -> None:
    """Decode, in threads and ahead of use, and forward: what no pass can go without.

    The forward ends with the last convolutional layer, like the pass.
    """
    model = network.model.to(DEVICE)
    for block in decoded_batches(network, images, range(0, len(images), BATCH_SIZE)):
        with torch.inference_mode():
            model.features(network.preprocessing.normalise(block.pixels.to(DEVICE)))
    if DEVICE.type == "cuda":
        torch.cuda.synchronize(DEVICE)
