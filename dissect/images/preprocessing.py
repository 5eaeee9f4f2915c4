"""From a Pillow image to the input of a network, and from the input back to the image's pixels."""

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dissect.format.picture_list import BORDER, CENTER, SQUASH, View
from dissect.quick_torchvision import InterpolationMode, functional

REACH = 4  # source pixels that a resized one depends on to each side, and one more
MAX_RESIZED = 1 << 24  # pixels of a whole resized image; of a longer one only the middle is made


@dataclass(frozen=True)
class Preprocessing(View):
    """Resize, crop the square in the middle, subtract the mean, divide by the deviation.

    Attributes:
        resize, crop, crop_mode: as `View` describes them.
        mean, std: for each channel, of values from 0 to 1. One channel means grayscale input, a
            fourth channel is opacity.
    """

    resize: int = 256
    crop: int = 224
    crop_mode: str = CENTER
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    interpolation: InterpolationMode = field(default=InterpolationMode.BICUBIC)

    @property
    def channels(self) -> int:
        return len(self.mean)

    @property
    def text(self) -> str:
        """What is done to an image, in words.

        >>> Preprocessing(mean=(0.5,), std=(0.25,)).text
        'shorter side to 256 px (bicubic), the middle 224 x 224 px, gray, mean 0.5, std 0.25'
        """
        sides = {CENTER: "shorter side", SQUASH: "both sides", BORDER: "longer side"}
        colours = {1: "grey", 3: "RGB", 4: "RGB and opacity"}[self.channels]
        mean, std = (
            ", ".join(f"{value:.4g}" for value in (values if len({*values}) > 1 else values[:1]))
            for values in (self.mean, self.std)
        )
        return (
            f"{sides[self.crop_mode]} to {self.resize} px ({self.interpolation.value}), the middle "
            f"{self.crop} x {self.crop} px, {colours}, mean {mean}, std {std}"
        )

    def pixels(self, image: Image.Image) -> Tensor:
        """The network's view of an RGB image: (channels, crop, crop) uint8."""
        width, height = self.resized(image.width, image.height)
        left, top = self.corner(width, height)
        if width * height > MAX_RESIZED:
            return torch.from_numpy(self._channels_of(self._middle(image, width, height)))
        resized = functional.resize(image, [height, width], interpolation=self.interpolation)
        return torch.from_numpy(self._channels_of(self._square(resized, left, top)))

    @property
    def fill(self) -> tuple[int, ...]:
        """The RGB color of what a view has beyond its image: the mean, or black."""
        if self.crop_mode != BORDER:
            return (0, 0, 0)
        colour = [round(255 * value) for value in self.mean]
        return tuple(colour[:3] if len(colour) >= 3 else colour[:1] * 3)

    def _middle(self, image: Image.Image, width: int, height: int) -> Image.Image:
        """The square of an image resized to width x height, of which nothing else is made.

        A picture of 30,000 x 1 pixels would be resized to 7,680,000 x 256. Shades differ from those
        of the whole by the rounding of one step at most.
        """
        left, top = self.corner(width, height)
        right, bottom = min(left + self.crop, width), min(top + self.crop, height)
        inside = (max(left, 0), max(top, 0), right, bottom)
        x, y = image.width / width, image.height / height
        seen = (inside[0] * x, inside[1] * y, inside[2] * x, inside[3] * y)
        near = _around(seen, math.ceil(REACH * max(x, y, 1)), image)
        part = image.crop(near).resize(
            (inside[2] - inside[0], inside[3] - inside[1]),
            functional.pil_modes_mapping[self.interpolation],
            box=(seen[0] - near[0], seen[1] - near[1], seen[2] - near[0], seen[3] - near[1]),
        )
        square = Image.new("RGB", (self.crop, self.crop), self.fill)
        square.paste(part, (inside[0] - left, inside[1] - top))
        return square

    def _square(self, image: Image.Image, left: int, top: int) -> Image.Image:
        if left >= 0 and top >= 0:
            return image.crop((left, top, left + self.crop, top + self.crop))
        square = Image.new("RGB", (self.crop, self.crop), self.fill)
        square.paste(image, (-left, -top))
        return square

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
        # In place from the second step on: a batch is 19 MB. Pixels may be floats that others use.
        return (pixels.to(torch.float32) / 255).sub_(mean).div_(std)


def _around(
    box: tuple[float, float, float, float], margin: int, image: Image.Image
) -> tuple[int, int, int, int]:
    """The whole pixels of an image within a margin of a box."""
    return (
        max(math.floor(box[0]) - margin, 0),
        max(math.floor(box[1]) - margin, 0),
        min(math.ceil(box[2]) + margin, image.width),
        min(math.ceil(box[3]) + margin, image.height),
    )
