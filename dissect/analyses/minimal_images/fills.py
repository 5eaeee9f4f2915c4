"""Images with some of their segments removed, and what stands for the removed ones."""

from typing import Protocol

import torch
from torch import Tensor
from torchvision.transforms import functional as F

from dissect.analyses.minimal_images.gradients import bases, border_mean
from dissect.analyses.minimal_images.segments import Segments
from dissect.errors import BadSetting
from dissect.networks.classes import probabilities
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import FILLS

GRADIENT = "gradient"
SEGMENT_FILLS = (GRADIENT, *FILLS)
BLUR_PX = 16  # standard deviation of the blur that fills removed segments


class Simplifier(Protocol):
    """Draws an image without some of its segments."""

    def images(self, kept: Tensor) -> Tensor:
        """Draw what is left of the image.

        Args:
            kept: (n, segments) bool, on the image's device.

        Returns:
            (n, channels, height, width) uint8.
        """


def simplifier(pixels: Tensor, segments: Segments, fill: str) -> Simplifier:
    """What removes segments from an image.

    Args:
        pixels: (channels, height, width) uint8.
        fill: "gradient": segments go with their gradients; else one of those of `filler`.
    """
    return _Gradients(pixels, segments) if fill == GRADIENT else _Filled(pixels, segments, fill)


class _Filled:
    """Puts a fill's pixels in the place of removed segments."""

    def __init__(self, pixels: Tensor, segments: Segments, fill: str) -> None:
        self.pixels, self.replacement = pixels, filler(pixels, fill)
        self.labels = torch.from_numpy(segments.labels).to(pixels.device)

    def images(self, kept: Tensor) -> Tensor:
        return torch.where(kept[:, self.labels][:, None], self.pixels, self.replacement)


class _Gradients:
    """Integrates the gradients that stay, as a sum of basis images."""

    def __init__(self, pixels: Tensor, segments: Segments) -> None:
        images, border = bases(pixels, segments)
        self.shape = pixels.shape
        self.bases = torch.from_numpy(images).flatten(1).to(pixels.device)  # (segments, pixels)
        self.border = torch.from_numpy(border).to(pixels.device)[:, None, None]

    def images(self, kept: Tensor) -> Tensor:
        left = (kept.float() @ self.bases).reshape(-1, *self.shape) + self.border
        return left.round().clamp(0, 255).to(torch.uint8)


def filler(pixels: Tensor, fill: str, seed: int = 0) -> Tensor:
    """Make the fill that stands for removed segments: the image that is left without any.

    Args:
        pixels: (channels, height, width) uint8.
        fill: "gradient": the mean color of the image's border; "zero" before normalization
            (black), "mean" color of the image, "random" noise, or "blur" of the image with a
            standard deviation of 16 px.
    """
    if fill == GRADIENT:
        border = border_mean(pixels.cpu().numpy().astype("f8"))
        colour = torch.from_numpy(border).round().to(torch.uint8).to(pixels.device)
        return colour[:, None, None].expand_as(pixels).clone()
    if fill == "zero":
        return torch.zeros_like(pixels)
    if fill == "mean":
        mean = pixels.float().mean(dim=(1, 2)).round().to(torch.uint8)
        return mean[:, None, None].expand_as(pixels).clone()
    if fill == "random":
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randint(0, 256, pixels.shape, dtype=torch.uint8, generator=generator)
        return noise.to(pixels.device)
    if fill == "blur":
        kernel = min(4 * BLUR_PX + 1, 2 * min(pixels.shape[1:]) - 1)
        blurred: Tensor = F.gaussian_blur(pixels, [kernel, kernel], [float(BLUR_PX)] * 2)
        return blurred
    raise BadSetting(f"Removed segments are filled with {', '.join(SEGMENT_FILLS)}, not {fill!r}.")


def is_taken_for(network: Network, pixels: Tensor, fill: str, class_index: int) -> bool:
    """Whether the network takes the fill of removed segments alone for the image's class.

    Then no minimal image means anything: the class holds when everything is removed.
    """
    return int(probabilities(network, filler(pixels, fill)[None]).argmax()) == class_index
