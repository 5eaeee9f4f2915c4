"""Networks whose units detect known patterns, and pictures with the patterns at known places."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

SIDE = 64
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class Detectors(nn.Module):
    """Units 0, 1 and 2 detect red, green and blue, but neither white nor black.

    `see` has a cell for each pixel, `say` a single cell. The class is the color that covers most.
    """

    input_size, mean, std = SIDE, 0.0, 1.0
    classes = ("red", "green", "blue")

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), nn.ReLU(inplace=True))
        weight = 2 * torch.eye(3) - 1  # a color minus the two others
        self.see[0].weight.data = weight[:, :, None, None]
        self.say = nn.Linear(3, 3, bias=False)
        self.say.weight.data = 40 * torch.eye(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.say(self.see(x).mean(dim=(2, 3)))


def detectors() -> nn.Module:
    return Detectors()


class Unsure(Detectors):
    """As Detectors, but where there is little color it says gray."""

    classes = ("red", "green", "blue", "grey")

    def __init__(self) -> None:
        super().__init__()
        self.say = nn.Linear(3, 4)
        self.say.weight.data = torch.cat([40 * torch.eye(3), torch.zeros(1, 3)])
        self.say.bias.data = torch.tensor([0.0, 0.0, 0.0, 3.0])


def unsure() -> nn.Module:
    return Unsure()


class Wide(nn.Module):
    """64 random filters of 7 x 7."""

    input_size = 32

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.stem = nn.Conv2d(3, 64, 7)

    def forward(self, x: Tensor) -> Tensor:
        return self.stem(x).mean(dim=(2, 3))


def wide() -> nn.Module:
    return Wide()


def rectangle(colour: tuple[int, int, int], box: tuple[int, int, int, int]) -> np.ndarray:
    """A picture (SIDE, SIDE, 3): black, with one filled box (left, top, right, bottom)."""
    left, top, right, bottom = box
    picture = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    picture[top:bottom, left:right] = colour
    return picture


def inside(box: tuple[int, int, int, int], side: int) -> np.ndarray:
    """The box of a picture as a region of side x side px."""
    left, top, right, bottom = (round(edge * side / SIDE) for edge in box)
    region = np.zeros((side, side), dtype=bool)
    region[top:bottom, left:right] = True
    return region


def save(folder: Path, name: str, picture: np.ndarray) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
