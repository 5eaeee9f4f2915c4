"""Small networks from a grammar of steps, forms and types; they know the maps of their layers.

A network is a chain of steps on maps (images, units, height, width). After each step a layer puts
the maps out in some form: other axes, tokens, windows. `truth` keeps the maps themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 12  # px
Back = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Plan:
    """A network as drawn: (step, form) for each of its layers."""

    parts: tuple[tuple[str, str], ...]
    dtype: str = "float32"
    seed: int = 0


class Function(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Along(nn.Module):
    """A module over some axes at the end; with a residual, as blocks of transformers have it."""

    def __init__(self, module: nn.Module, form: str, residual: bool = False) -> None:
        super().__init__()
        self.module, self.form, self.residual = module, form, residual

    def forward(self, x: Tensor) -> Tensor:
        values, back = FORMS[self.form](x)
        changed = self.module(values)
        return back(values + changed if self.residual else changed)


class Attention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(channels, 1, batch_first=True)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.attention(tokens, tokens, tokens, need_weights=False)[0]


class Heads(nn.Module):
    """Attention by hand: two heads where the channels allow it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = 2 - channels % 2
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, channels = tokens.shape
        split = self.qkv(tokens).reshape(n, count, 3, self.heads, channels // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        weights = (query @ key.transpose(-2, -1)).softmax(-1)
        return self.out((weights @ value).transpose(1, 2).reshape(n, count, channels))


class Excite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.inner(F.adaptive_avg_pool2d(x, 1)))


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.inner(x))


STEPS: dict[str, Callable[[int, int, int], nn.Module]] = {  # of channels, height, width
    "conv": lambda c, h, w: nn.Conv2d(c, 5, 3, padding=1),
    "strided": lambda c, h, w: nn.Conv2d(c, 4, 3, stride=(2, 1), padding=1),
    "as_many_as_rows": lambda c, h, w: nn.Conv2d(c, h, 1),
    "depthwise": lambda c, h, w: nn.Conv2d(c, c, 3, padding=1, groups=c),
    "norm": lambda c, h, w: nn.BatchNorm2d(c),
    "relu": lambda c, h, w: nn.ReLU(inplace=True),
    "gelu": lambda c, h, w: nn.GELU(),
    "pool": lambda c, h, w: nn.MaxPool2d((1, 2), ceil_mode=True),
    "average": lambda c, h, w: nn.AvgPool2d((2, 1), ceil_mode=True),
    "adaptive": lambda c, h, w: nn.AdaptiveAvgPool2d((3, 5)),
    "one_cell": lambda c, h, w: nn.AdaptiveAvgPool2d(1),
    "wider": lambda c, h, w: nn.Upsample(scale_factor=(1.0, 2.0)),
    "one_channel": lambda c, h, w: Function(lambda x: x.sum(1, keepdim=True)),
    "unshuffled": lambda c, h, w: nn.PixelUnshuffle(1 if h % 2 or w % 2 else 2),
    "linear": lambda c, h, w: Along(nn.Linear(c, 6), "channels_last"),
    "layer_norm": lambda c, h, w: Along(nn.LayerNorm(c), "channels_last"),
    "attention": lambda c, h, w: Along(Attention(c), "tokens", residual=True),
    "heads": lambda c, h, w: Along(Heads(c), "class_first"),
    "mixer": lambda c, h, w: Along(nn.Linear(h * w, h * w), "features_first", residual=True),
    "excite": lambda c, h, w: Excite(c),
    "residual": lambda c, h, w: Residual(c),
    "dropout": lambda c, h, w: nn.Dropout(),
    "halves": lambda c, h, w: Function(lambda x: torch.cat(x.chunk(2, dim=1)[::-1], dim=1)),
}  # fmt: skip


def _plain(x: Tensor) -> tuple[Tensor, Back]:
    return x, lambda y: y


def _permuted(*order: int) -> Callable[[Tensor], tuple[Tensor, Back]]:
    inverse = [order.index(axis) for axis in range(4)]
    return lambda x: (x.permute(order), lambda y: y.permute(inverse))


def _tokens(before: int = 0, after: int = 0, mean: bool = False, by_columns: bool = False):
    def form(x: Tensor) -> tuple[Tensor, Back]:
        x = x.transpose(2, 3) if by_columns else x
        tokens = x.flatten(2).transpose(1, 2)
        others = [tokens.new_full((len(x), n, tokens.shape[2]), 9.0) for n in (before, after)]
        if mean:
            others[0] = tokens.mean(1, keepdim=True)
        count = tokens.shape[1]

        def back(y: Tensor) -> Tensor:
            first = len(others[0][0])
            y = y[:, first : first + count].transpose(1, 2).unflatten(2, x.shape[2:])
            return y.transpose(2, 3) if by_columns else y

        return torch.cat([others[0], tokens, others[1]], dim=1), back

    return form


def _features_first(x: Tensor) -> tuple[Tensor, Back]:
    return x.flatten(2), lambda y: y.unflatten(2, x.shape[2:])


def _sequence(x: Tensor) -> tuple[Tensor, Back]:
    return x.flatten(2).permute(2, 0, 1), lambda y: y.permute(1, 2, 0).unflatten(2, x.shape[2:])


def _windows(x: Tensor) -> tuple[Tensor, Back]:
    n, c, h, w = x.shape
    rows = x.reshape(n, c, h, 1, w).permute(0, 2, 1, 3, 4).reshape(n * h, c, 1, w)
    return rows, lambda y: y.reshape(n, h, c, w).permute(0, 2, 1, 3)


FORMS: dict[str, Callable[[Tensor], tuple[Tensor, Back]]] = {
    "maps": _plain,
    "channels_last": _permuted(0, 2, 3, 1),
    "units_between": _permuted(0, 2, 1, 3),
    "turned": _permuted(0, 1, 3, 2),
    "images_last": _permuted(1, 2, 3, 0),
    "tokens": _tokens(),
    "by_columns": _tokens(before=1, by_columns=True),
    "class_first": _tokens(before=1),
    "registers": _tokens(before=5),
    "registers_last": _tokens(before=1, after=4),
    "class_of_tokens": _tokens(mean=True),
    "features_first": _features_first,
    "sequence": _sequence,
    "one_more_axis": lambda x: (x[:, :, None], lambda y: y[:, :, 0]),
    "pair": lambda x: ((x, x), lambda y: y[0]),
    "with_none": lambda x: ((x, None), lambda y: y[0]),
    "sorted": lambda x: (x.sort(dim=1).values, lambda y: x),
    "rolled": lambda x: (x.roll(1, 2), lambda y: y.roll(-1, 2)),
    "rows_as_images": _windows,
}  # fmt: skip
REFUSED = {"pair", "sorted", "rolled", "rows_as_images"}  # forms that must be refused


class Drawn(nn.Module):
    """The network of a plan."""

    input_size = (3, SIDE, SIDE)  # the first convolution may come after other steps

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        torch.manual_seed(plan.seed)
        self.plan, self.truth = plan, {}
        self.eval()
        x = torch.zeros(2, 3, SIDE, SIDE)
        for number, (step, _) in enumerate(plan.parts):
            module = STEPS[step](*x.shape[1:]).eval()
            x = module(x)
            self.add_module(f"step{number}", module)
            self.add_module(f"layer{number}", nn.Identity())
        self.to(getattr(torch, plan.dtype))

    def forward(self, x: Tensor) -> Tensor:
        for number, (_, form) in enumerate(self.plan.parts):
            x = self.get_submodule(f"step{number}")(x)
            self.truth[f"layer{number}"] = x.detach().to(torch.float32).contiguous().clone()
            shown, back = FORMS[form](x)
            x = back(self.get_submodule(f"layer{number}")(shown))
        return x.flatten(1)


drawn = Plan((("conv", "maps"),))


def make() -> nn.Module:
    """The factory of the network that was drawn last."""
    return Drawn(drawn)
