"""Networks that give an image other values when they see it again among other images."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Network(nn.Module):
    """A convolution, what does not repeat itself, and a layer after it."""

    input_size = 16

    def __init__(self, part: nn.Module, kept_on: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.part, self.deep = nn.Conv2d(3, 4, 3), part, nn.Conv2d(4, 5, 3)
        self.kept_on = kept_on

    def train(self, mode: bool = True) -> nn.Module:
        super().train(mode)
        if self.kept_on:
            self.part.train()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.deep(self.part(self.stem(x))).mean(dim=(2, 3))


class Noise(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + 1e-3 * torch.randn_like(x)


class Mask(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(x, 0.5, training=True)


class Neighbours(nn.Module):
    """Subtracts the mean of the batch."""

    def forward(self, x: Tensor) -> Tensor:
        return x - x.mean(dim=0, keepdim=True)


class Rounded(nn.Module):
    """Differs in the last digits only, as some kernels do."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (1 + 1e-7 * torch.rand(()))


def batch_statistics() -> nn.Module:
    return Network(nn.BatchNorm2d(4, track_running_stats=False))


def batch_statistics_in_training() -> nn.Module:
    return Network(nn.BatchNorm2d(4), kept_on=True)


def dropout() -> nn.Module:
    return Network(nn.Dropout2d(0.5), kept_on=True)


def noise() -> nn.Module:
    return Network(Noise())


def mask() -> nn.Module:
    return Network(Mask())


def neighbours() -> nn.Module:
    return Network(Neighbours())


def last_digits() -> nn.Module:
    return Network(Rounded())


def instance_norm() -> nn.Module:
    return Network(nn.InstanceNorm2d(4))
