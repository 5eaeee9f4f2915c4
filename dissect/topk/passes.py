"""Passes over the same images, each image decoded and forwarded once in each."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import ImagesError
from dissect.images.image_list import ImageList
from dissect.networks.registry import Network
from dissect.topk.batches import BLOCK, Progress, blocks, forwarded


class Passes:
    """A number of passes, told as one progress.

    Attributes:
        bad: why images could not be read, by place; whole after the first pass.
    """

    def __init__(
        self,
        images: ImageList,
        count: int,
        device: torch.device,
        progress: Progress | None = None,
        block: int = BLOCK,
    ) -> None:
        self.images, self.device, self.block = images, device, block
        self.total, self.done = count * len(images), 0
        self.progress = progress
        self.bad: dict[int, str] = {}

    def over(
        self, network: Network, layers: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], dict[str, Tensor]]]:
        """One pass: places (n,) and the maps of each layer (n, units, height, width).

        Raises:
            ImagesError: no image can be read.
        """
        starts = range(0, len(self.images), self.block)
        fed = blocks(network, self.images, starts, self.block)
        seen = 0
        for fresh, maps in forwarded(network, layers, fed, self.device):
            self.bad |= fresh.bad
            seen += len(fresh.images)
            if maps:
                yield fresh.images, maps
            self.done += len(fresh.images) + len(fresh.bad)
            if self.progress:
                self.progress(self.done, self.total)
        if not seen:
            raise ImagesError(
                f"None of the {len(self.images)} images in {self.images.source} can be read."
            )
