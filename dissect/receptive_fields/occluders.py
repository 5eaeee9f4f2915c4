"""Small squares that hide a part of an image, at every place of a grid."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.transforms import functional as F

from dissect.errors import BadSetting

DEFAULT_SIZE = 11  # px of the side; Zhou et al. 2015, arXiv:1412.6856
DEFAULT_STRIDE = 3  # px from one place to the next; the same
FILLS = ("zero", "mean", "random", "blur")
CONSTANT_FILLS = "constants"  # three, combined by root mean square
CONSTANTS = (0, 128, 255)  # black, mid-gray and white


@dataclass(frozen=True)
class Occluders:
    """Squares at every `stride` pixels of the network's view, from its upper left corner.

    Attributes:
        size, stride: in pixels.
        fill: "zero" (before normalization, so black), "mean" (the image's own mean color),
            "random" (uniform noise, the same in every image at the same place), or "blur" (the
            image itself, blurred by a Gaussian with a standard deviation of `size` pixels);
            "constant" (every channel has `value`), or "constants": what is measured is the root
            mean square over CONSTANTS.
        seed: of the noise.
        value: of "constant".
    """

    size: int = DEFAULT_SIZE
    stride: int = DEFAULT_STRIDE
    fill: str = "zero"
    seed: int = 0
    value: int = 0

    def __post_init__(self) -> None:
        if self.size < 1 or self.stride < 1:
            raise BadSetting(
                f"An occluder's size and stride must be at least 1 px, "
                f"got {self.size} and {self.stride}."
            )
        if self.fill not in (*FILLS, "constant", CONSTANT_FILLS):
            raise BadSetting(f"Occluders are filled with {', '.join(FILLS)}, not {self.fill!r}.")

    def fillings(self) -> list["Occluders"]:
        """The occluders that hide each place in turn: three for "constants", else one."""
        if self.fill != CONSTANT_FILLS:
            return [self]
        return [replace(self, fill="constant", value=value) for value in CONSTANTS]

    def starts(self, side: int) -> NDArray[np.int64]:
        """The squares' first pixels along a side of the image: (places along it,).

        Raises:
            BadSetting: the image is smaller than the occluder.
        """
        if side < self.size:
            raise BadSetting(
                f"The network sees {side} px, fewer than an occluder of {self.size} px; "
                "take a smaller --occluder."
            )
        return np.arange(0, side - self.size + 1, self.stride)

    def places(self, height: int, width: int) -> NDArray[np.int64]:
        """(places, 2): first row and column of each square, row by row."""
        rows, columns = self.starts(height), self.starts(width)
        grid = np.meshgrid(rows, columns, indexing="ij")
        return np.stack(grid, axis=-1).reshape(-1, 2)

    def patches(self, pixels: Tensor, chosen: NDArray[np.int64]) -> Tensor:
        """The content of the squares at some places of an image.

        Args:
            pixels: (channels, height, width) uint8.
            chosen: (n,) numbers of places, as rows of `places`.

        Returns:
            (n, channels, size, size) uint8.
        """
        channels, height, width = pixels.shape
        shape = (len(chosen), channels, self.size, self.size)
        if self.fill == "zero":
            return torch.zeros(shape, dtype=torch.uint8, device=pixels.device)
        if self.fill == "constant":
            return torch.full(shape, self.value, dtype=torch.uint8, device=pixels.device)
        if self.fill == "mean":
            mean = pixels.float().mean(dim=(1, 2)).round().to(torch.uint8)
            return mean[:, None, None].expand(shape).clone()
        if self.fill == "random":
            count = len(self.places(height, width))
            noise = _noise((count, channels, self.size, self.size), self.seed)
            return noise[torch.from_numpy(chosen)].to(pixels.device)
        kernel = min(4 * self.size + 1, 2 * min(height, width) - 1)  # padding needs width > half
        blurred = F.gaussian_blur(pixels, kernel, float(self.size))
        windows = blurred.unfold(1, self.size, 1).unfold(2, self.size, 1)  # (c, y, x, size, size)
        y, x = torch.from_numpy(self.places(height, width)[chosen]).unbind(1)
        squares: Tensor = windows[:, y, x].transpose(0, 1)
        return squares

    def occluded(self, pixels: Tensor, chosen: NDArray[np.int64]) -> Tensor:
        """Copies of an image, each with one square hidden.

        Args:
            pixels: (channels, height, width) uint8.
            chosen: (n,) numbers of places, as rows of `places`.

        Returns:
            (n, channels, height, width) uint8.
        """
        copies = pixels.repeat(len(chosen), 1, 1, 1)
        places = self.places(pixels.shape[1], pixels.shape[2])[chosen].tolist()
        squares = self.patches(pixels, chosen)
        for copy, square, (y, x) in zip(copies, squares, places, strict=True):
            copy[:, y : y + self.size, x : x + self.size] = square
        return copies


@lru_cache(maxsize=4)
def _noise(shape: tuple[int, int, int, int], seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
