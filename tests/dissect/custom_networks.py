"""Networks as a user might write them: small, with known answers."""

import os
import time

import torch
from torch import Tensor, nn


class Bright(nn.Module):
    """Units are the three color channels themselves, averaged over 8 x 8 px cells."""

    input_size, mean, std = 64, 0.0, 1.0

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.Conv2d(3, 3, 8, stride=8, bias=False)
        self.cells.weight.data = torch.eye(3)[:, :, None, None].expand(3, 3, 8, 8) / 64
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.relu(self.cells(x)).mean(dim=(2, 3)))


def bright() -> nn.Module:
    return Bright()


class Small(nn.Module):
    """Random but seeded: a stem, an in-place ReLU after it, a second convolution."""

    input_size = 48

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.stem = nn.Conv2d(3, 6, 5, stride=2, padding=2)
        self.relu = nn.ReLU(inplace=True)
        self.deep = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        return self.head(self.relu(self.deep(x)).mean(dim=(2, 3)))


def small() -> nn.Module:
    return Small()


def still() -> nn.Module:
    """As Small, but its units are constant."""
    model = Small()
    model.deep.weight.data.zero_()
    return model


class PartlyDead(nn.Module):
    """A linear layer and the ReLU after it.

    Unit 0 is below 0 for every image, 1 is constant, 2 responds to all images, 3 and 4 to some.
    """

    input_size = 48

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.linear = nn.Conv2d(3, 5, 5, stride=4)
        self.relu = nn.ReLU()
        self.linear.weight.data[1] = 0
        self.linear.bias.data[:] = torch.tensor([-50.0, 0.25, 20.0, -0.4, -0.2])

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.linear(x))


def partly_dead() -> nn.Module:
    return PartlyDead()


def scaled() -> nn.Module:
    """As Small, but with a parameter of its own."""
    model = Small()
    model.scale = nn.Parameter(torch.ones(1))
    return model


class Slow(Small):
    """As Small, but slow, so that a worker can die during a batch."""

    def forward(self, x: Tensor) -> Tensor:
        time.sleep(float(os.environ.get("SLOW_SECONDS", "0.25")))
        return super().forward(x)


def slow() -> nn.Module:
    return Slow()


class Twice(nn.Module):
    """A module that runs twice, and one that returns a pair."""

    input_size = 16

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.pair = Pair()

    def forward(self, x: Tensor) -> Tensor:
        return self.pair(self.conv(self.conv(x)))[0]


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


def twice() -> nn.Module:
    return Twice()


def broken() -> nn.Module:
    raise RuntimeError("no GPU in this house")


def number() -> int:
    return 3


def half() -> nn.Module:
    return Small().half()


def bfloat16() -> nn.Module:
    return Small().bfloat16()


def double() -> nn.Module:
    return Small().double()


def talkative() -> nn.Module:
    """As Small, but it prints while it is made and in its forward."""
    print("making a network")
    model = Small()
    model.register_forward_hook(lambda *args: print("forward"))
    return model
