"""SqueezeNet 1.1 with batch norm, as trained on Places365 (365 scene classes).

Iandola et al. 2016, arXiv:1602.07360; the author of the weights added batch norm and leaky ReLU.
"""

import torch
from torch import Tensor, nn

LEAK = 0.55  # the mean slope of the randomized rectifier it was trained with, 0.3 to 0.8


class Conv(nn.Module):
    """Convolution, batch norm, leaky ReLU: (n, i, h, w) to (n, o, h', w')."""

    def __init__(self, i: int, o: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, kernel, stride, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(o, eps=1e-4)
        self.act = nn.LeakyReLU(LEAK)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))  # type: ignore[no-any-return]


class Fire(nn.Module):
    """Squeeze to q channels, expand to 2e: (n, i, h, w) to (n, 2e, h, w)."""

    def __init__(self, i: int, q: int, e: int) -> None:
        super().__init__()
        self.squeeze = Conv(i, q, 1)
        self.expand1 = Conv(q, e, 1)
        self.expand3 = Conv(q, e, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return torch.cat([self.expand1(x), self.expand3(x)], dim=1)


class SqueezeNetBN(nn.Module):
    """(n, 3, 224, 224) to logits (n, classes)."""

    input_size = 224
    mean = (0.45755, 0.44123, 0.40804)
    std = (1.0, 1.0, 1.0)

    def __init__(self, classes: int = 365) -> None:
        super().__init__()
        self.conv1 = Conv(3, 64, 3, 2)
        self.pool = nn.MaxPool2d(3, 2)
        self.fire2, self.fire3 = Fire(64, 16, 64), Fire(128, 16, 64)
        self.fire4, self.fire5 = Fire(128, 32, 128), Fire(256, 32, 128)
        self.fire6, self.fire7 = Fire(256, 48, 192), Fire(384, 48, 192)
        self.fire8, self.fire9 = Fire(384, 64, 256), Fire(512, 64, 256)
        self.conv10 = nn.Conv2d(512, classes, 1)
        self.act = nn.LeakyReLU(LEAK)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.conv1(x))
        x = self.pool(self.fire3(self.fire2(x)))
        x = self.pool(self.fire5(self.fire4(x)))
        x = self.fire9(self.fire8(self.fire7(self.fire6(x))))
        return self.act(self.conv10(x)).mean(dim=(2, 3))  # type: ignore[no-any-return]
