"""From a Pillow image to what a network takes in, and back to where that stands in the image."""

from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F


@dataclass(frozen=True)
class Preprocessing:
    """Resize the shorter side, crop the centre, subtract the mean, divide by the deviation.

    The geometry is exactly torchvision's Resize and CenterCrop on the Pillow image.

    Attributes:
        resize: pixels of the shorter side after resizing.
        crop: pixels of the square's side that the network sees.
        mean, std: per channel, of values from 0 to 1. One channel means greyscale input.
    """

    resize: int = 256
    crop: int = 224
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    interpolation: InterpolationMode = field(default=InterpolationMode.BICUBIC)

    @property
    def channels(self) -> int:
        return len(self.mean)

    def pixels(self, image: Image.Image) -> Tensor:
        """The network's view of an RGB image: (channels, crop, crop) uint8."""
        resized = F.resize(image, [self.resize], interpolation=self.interpolation)
        cropped = F.center_crop(resized, [self.crop, self.crop])
        return torch.from_numpy(self._channels_of(cropped))

    def _channels_of(self, view: Image.Image) -> np.ndarray:
        if self.channels == 1:
            return np.array(view.convert("L"))[None]
        if self.channels == 4:  # a fourth channel that photographs lack: fully opaque
            view = view.convert("RGBA")
        return np.ascontiguousarray(np.asarray(view).transpose(2, 0, 1))

    def normalise(self, pixels: Tensor) -> Tensor:
        """What the network takes in: (images, channels, crop, crop) uint8 to float32."""
        mean = torch.tensor(self.mean, device=pixels.device).view(-1, 1, 1)
        std = torch.tensor(self.std, device=pixels.device).view(-1, 1, 1)
        return (pixels.to(torch.float32) / 255 - mean) / std

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of a width x height image that the network sees, in its own pixels.

        Returns:
            left, top, right, bottom.
        """
        resized_width = self.resize if width <= height else int(self.resize * width / height)
        resized_height = self.resize if height <= width else int(self.resize * height / width)
        left = round((resized_width - self.crop) / 2.0)
        top = round((resized_height - self.crop) / 2.0)
        x, y = width / resized_width, height / resized_height
        return (left * x, top * y, (left + self.crop) * x, (top + self.crop) * y)
