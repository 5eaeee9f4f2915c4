"""Networks with known receptive fields: branches, odd kernels, padding of their own, gates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Branched(nn.Module):
    """Residual and parallel branches, a functional pad, unequal sides, channels last, a gate.

    | layer | rows: size, stride | columns: size, stride |
    |---|---|---|
    | stem (3 x 5, stride 2 x 1) | 3, 2 | 5, 1 |
    | pool (2, stride 2) | 5, 4 | 6, 2 |
    | sum: 3 x 3, dilation 2, plus its input | 21, 4 | 14, 2 |
    | both: 1 x 1 and an average of 3 x 3 | 29, 4 | 18, 2 |
    | last: linear, channels last | 29, 4 | 18, 2 |
    | gated, head | whole | whole |
    """

    input_size, mean, std = 48, 0.0, 1.0

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.stem = nn.Conv2d(3, 4, (3, 5), stride=(2, 1), bias=True)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.wide = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        self.sum = nn.Identity()
        self.narrow = nn.Conv2d(4, 4, 1)
        self.average = nn.AvgPool2d(3, 1, 1)
        self.both = nn.Identity()
        self.linear = nn.Linear(8, 6)
        self.last = nn.Identity()
        self.gated = nn.Identity()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.norm(self.stem(F.pad(x, (2, 2, 1, 0)))), 0.1, inplace=True)
        x = self.pool(x)
        before = x
        x = self.sum(F.relu_(self.wide(x)) + before)
        x = self.both(torch.cat([self.narrow(x), self.average(x)], dim=1))
        x = self.last(self.linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))
        x = self.gated(x * torch.sigmoid(x.mean(dim=(2, 3), keepdim=True)))
        return self.head(x.mean(dim=(2, 3)))


def branched() -> nn.Module:
    return Branched()
