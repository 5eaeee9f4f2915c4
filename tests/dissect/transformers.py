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


class Registers(nn.Module):
    """Tokens of an 8 x 4 grid of patches of 4 x 8 px, among others first and last.

    Feature 0 is the patch's mean red, 1 its number, row by row.
    """

    input_size, mean, std = SIDE, 0.0, 1.0

    def __init__(self, first: int, last: int = 0, transposed: bool = False) -> None:
        super().__init__()
        self.first, self.last_ones, self.transposed = first, last, transposed
        self.encoder, self.sequence, self.head = nn.Identity(), nn.Identity(), nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        red = nn.functional.avg_pool2d(x[:, :1], (4, 8))
        red = (red.transpose(2, 3) if self.transposed else red).flatten(2).transpose(1, 2)
        numbers = torch.arange(32.0).view(8, 4)
        numbers = (numbers.T if self.transposed else numbers).reshape(1, -1, 1).expand_as(red)
        others = [torch.full((len(x), n, 2), 99.0) for n in (self.first, self.last_ones)]
        tokens = torch.cat([others[0], torch.cat([red, numbers], dim=2), others[1]], dim=1)
        self.sequence(self.encoder(tokens).transpose(0, 1))
        return self.head(tokens.mean(dim=1))


def registers_first() -> nn.Module:
    return Registers(first=5)


def registers_last() -> nn.Module:
    return Registers(first=1, last=4)


def column_by_column() -> nn.Module:
    return Registers(first=1, transposed=True)


class Mixer(nn.Module):
    """A block of an MLP mixer on 4 x 4 patches, whose tokens have 5 features."""

    input_size, mean, std = SIDE, 0.0, 1.0

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Conv2d(3, 5, PATCH, PATCH)
        self.mlp_tokens = nn.Sequential(nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 16))
        self.block, self.head = nn.Identity(), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.stem(x).flatten(2).transpose(1, 2)
        tokens = self.block(tokens + self.mlp_tokens(tokens.transpose(1, 2)).transpose(1, 2))
        return self.head(tokens.mean(1))


def mixer() -> nn.Module:
    return Mixer()


class Maps(nn.Module):
    """Maps of 7 x 14 cells in many orders of axes; unit 0 is red, 1 green, 2 blue."""

    input_size, mean, std = 28, 0.0, 1.0

    def __init__(self) -> None:
        super().__init__()
        for name in ("first", "last", "between", "turned", "one", "rows", "squares", "tokens"):
            self.add_module(name, nn.Identity())
        self.seven = nn.Conv2d(3, 7, 1)
        self.head = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.avg_pool2d(x, (4, 2))
        self.first(x)
        self.last(x.permute(0, 2, 3, 1))
        self.between(x.permute(0, 2, 1, 3))
        self.turned(x.permute(0, 1, 3, 2))
        self.one(x.sum(1))
        self.rows(x.mean(3))
        self.squares(self.seven(x)[..., :7])
        self.tokens(x.flatten(2))
        return self.head(x.mean(dim=(2, 3)))


def maps() -> nn.Module:
    return Maps()


class Untold(nn.Module):
    """Layers after an operation that may put values anywhere: a sort."""

    input_size, mean, std = SIDE, 0.0, 1.0

    def __init__(self) -> None:
        super().__init__()
        self.maps, self.tokens, self.made = nn.Identity(), nn.Identity(), nn.Identity()
        self.head = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.avg_pool2d(x, (4, 8)).sort(dim=1).values
        self.maps(x)
        self.tokens(torch.cat([x.new_zeros(len(x), 3, 5), x.flatten(2)], dim=2))
        self.made(torch.ones(len(x), 3, 4, 4))
        return self.head(x.mean(dim=(2, 3)))


def untold() -> nn.Module:
    return Untold()


class Odd(nn.Module):
    """A convolution of any number of channels, and layers whose output has no units."""

    input_size = 16

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.best, self.named, self.deep, self.unused = Best(), Named(), Deep(), nn.Identity()
        self.pair, self.number = Pair(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        self.best(x)
        self.named(x)
        self.deep(x)
        self.pair(x)
        self.number(x.sum((1, 2, 3)))
        return x.mean(dim=(2, 3))


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class Best(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.argmax(dim=1)


class Named(nn.Module):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": x}


class Deep(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (2, 8))


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
