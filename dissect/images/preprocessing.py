"""From a Pillow image to the input of a network, and from the input back to the image's pixels."""

from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from dissect.format.picture_list import View


@dataclass(frozen=True)
class Preprocessing(View):
    """Resize the shorter side, crop the centre, subtract the mean, divide by the deviation.

    The geometry is exactly that of torchvision's Resize and CenterCrop on a Pillow image.

    Attributes:
        resize: pixels of the shorter side after resizing.
        crop: pixels along a side of the central square, which is the network's view.
        mean, std: for each channel, of values from 0 to 1. One channel means greyscale input, a
            fourth channel is opacity.
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
        if self.channels == 4:  # photographs have no opacity, so they are fully opaque
            view = view.convert("RGBA")
        return np.ascontiguousarray(np.asarray(view).transpose(2, 0, 1))

    def normalise(self, pixels: Tensor) -> Tensor:
        """The network's input: (images, channels, crop, crop) from uint8 to float32."""
        mean = torch.tensor(self.mean, device=pixels.device).view(-1, 1, 1)
        std = torch.tensor(self.std, device=pixels.device).view(-1, 1, 1)
        return (pixels.to(torch.float32) / 255 - mean) / std
