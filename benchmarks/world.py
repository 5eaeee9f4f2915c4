"""The network and images of the benchmarks: AlexNet, and photographs or else rendered scenes.

Photographs are read from imagenet1k-sample/images in ../shared/data or $UNITSCOPE_TEST_DATA.
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
from dissect.networks.device import select_device
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import BATCH_SIZE, decoded_batches

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("UNITSCOPE_TEST_DATA", ROOT.parent / "shared" / "data"))
COUNT = 1000
LAYERS = ("features.2", "features.5", "features.7", "features.9", "features.12")
DEVICE = select_device(os.environ.get("DEVICE") or "cpu")


@lru_cache
def alexnet() -> Network:
    """AlexNet with seeded random weights, whose computation costs the same as with trained ones."""
    with contextlib.redirect_stderr(io.StringIO()):  # hides the note that it is untrained
        return load_network("torchvision:alexnet")


@lru_cache
def photographs(count: int = COUNT) -> ImageList:
    """The first `count` photographs; if there are fewer, they repeat."""
    images = find_images(_folder())
    lines = [str(images.root / images.paths[n % len(images)]) for n in range(count)]
    list_file = Path(_scratch().name, f"{count}.txt")
    list_file.write_text("\n".join(lines))
    return find_images(list_file)


@lru_cache
def _folder() -> Path:
    """A folder of photographs, or of COUNT rendered pictures."""
    if (photos := SHARED / "imagenet1k-sample" / "images").is_dir():
        return photos
    folder = Path(_scratch().name, "scenes")
    write_folder(folder, COUNT, seed=0)
    return folder / "images"


@lru_cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder that is removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="unitscope-bench-")


def bare_loop(network: Network, images: ImageList) -> None:
    """Decode ahead in threads, and forward: the least that any pass has to do.

    Like in the pass, the forward ends with the last convolutional layer.
    """
    model = network.model.to(DEVICE)
    for block in decoded_batches(network, images, range(0, len(images), BATCH_SIZE)):
        with torch.inference_mode():
            model.features(network.preprocessing.normalise(block.pixels.to(DEVICE)))
    if DEVICE.type == "cuda":
        torch.cuda.synchronize(DEVICE)
