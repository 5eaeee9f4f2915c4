"""Tiny networks with known answers, whose layers return tokens, windows or tuples."""

import torch
from torch import Tensor, nn

PATCH, SIDE = 8, 32  # px: 4 x 4 tokens


class Patches(nn.Module):
    """Tokens row by row, after `extra` others: feature 0 the patch's mean red, 1 its number."""

    input_size, mean, std = SIDE, 0.0, 1.0

    def __init__(self, extra: int = 1, side: int = SIDE) -> None:
        super().__init__()
        self.input_size, self.extra = side, extra
        self.encoder = nn.Identity()
        self.windows = nn.Identity()
        self.last = nn.Identity()
        self.attention = Attention()
        self.head = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        red = nn.functional.avg_pool2d(x[:, :1], PATCH).flatten(2).transpose(1, 2)
        numbers = torch.arange(red.shape[1])[None, :, None].expand_as(red).float()
        tokens = torch.cat([red, numbers], dim=2)
        special = torch.full((len(x), self.extra, 2), 99.0)
        tokens = self.encoder(torch.cat([special, tokens], dim=1))
        tokens = self.attention(tokens)[0]
        grid = tokens[:, self.extra :].reshape(len(x), x.shape[2] // PATCH, -1, 2)
        self.last(grid)
        self.windows(tokens[:, self.extra :].reshape(len(x) * 4, -1, 2))
        return self.head(tokens.mean(dim=1))


class Attention(nn.Module):
    """Returns what torch's attention returns without weights."""

    def forward(self, tokens: Tensor) -> tuple[Tensor, None]:
        return tokens, None


def patches() -> nn.Module:
    return Patches()


def registers() -> nn.Module:
    return Patches(extra=5)


def no_class_token() -> nn.Module:
    return Patches(extra=0)


def long_text() -> nn.Module:
    return Patches(extra=18)


class Odd(nn.Module):
    """A convolution of any number of channels, and layers whose output has no units."""

    input_size = 16

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.best, self.named, self.deep, self.unused = Best(), Named(), Deep(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        self.best(x)
        self.named(x)
        self.deep(x)
        return x.mean(dim=(2, 3))


class Best(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.argmax(dim=1)


class Named(nn.Module):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": x}


class Deep(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, None]


def odd() -> nn.Module:
    return Odd(3)


def grey() -> nn.Module:
    return Odd(1)


def four() -> nn.Module:
    return Odd(4)


class Strict(nn.Module):
    """Refuses images of another size, as vision transformers do."""

    input_size = 16

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[-1] == 32, "Wrong image height! Expected 32."
        return self.conv(x)


def strict() -> nn.Module:
    return Strict()


class Shrinking(nn.Module):
    """Needs more pixels than its input has."""

    input_size = 8

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 7), nn.Conv2d(4, 4, 7))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).mean(dim=(2, 3))


def shrinking() -> nn.Module:
    return Shrinking()
