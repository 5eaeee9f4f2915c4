"""Networks drawn at random: what is recomputed equals the full forward, inside the field."""

import random

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dissect.images.preprocessing import Preprocessing
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.discrepancy import Peak, discrepancies, discrepancies_by_full_forward
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import theoretical_fields

SIDE = 40


class Drawn(nn.Module):
    """A few operations one after another, with odd sizes, branches and padding."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        draw = random.Random(seed)
        self.kinds = draw.choices(["conv", "max", "average", "residual", "join", "pad"], k=5)
        self.steps = nn.ModuleList()
        channels = 3
        for kind in self.kinds:
            kernel, stride = draw.choice([2, 3, 5]), draw.choice([1, 1, 2])
            padding, ceil = draw.randint(0, 1), draw.random() < 0.5
            if kind == "conv":
                step = nn.Conv2d(channels, 6, (kernel, 3), stride, (padding, 1))
                channels = 6
            elif kind == "max":
                step = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil)
            elif kind == "average":
                step = nn.AvgPool2d(kernel, stride, padding)
            else:
                step = nn.Conv2d(channels, channels if kind == "residual" else 2, 3, 1, 1)
                channels += 2 if kind == "join" else 0
            self.steps.append(step)
        self.out = nn.Identity()

    def forward(self, x):
        for kind, step in zip(self.kinds, self.steps, strict=True):
            if kind == "residual":
                x = F.relu_(step(x)) + 0.5 * x
            elif kind == "join":
                x = torch.cat([x[:, 1:], x[:, :1], F.hardswish(step(x))], dim=1)
            elif kind == "pad":
                x = F.pad(x, (1, 0, 2, 1), value=0.3)
            else:
                x = step(x)
        return self.out(x)


@pytest.mark.parametrize("seed", range(24))
def test_drawn_networks_are_recomputed_exactly_and_change_only_inside_the_field(seed):
    model = Drawn(seed).eval().requires_grad_(False)
    shape = Preprocessing(SIDE, SIDE, (0.4, 0.5, 0.6), (0.3, 0.2, 0.3))
    network = Network("drawn", model, shape, "", "")
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    info = layer_infos(network, ["out"])[0]
    draw = random.Random(seed)
    peaks = [Peak(draw.randrange(info.unit_count), *map(draw.randrange, info.map_size))
             for _ in range(4)]  # fmt: skip
    occluders = Occluders(draw.choice([3, 7, 11]), draw.choice([2, 3, 5]), "random")

    result = discrepancies(network, "out", pixels, peaks, occluders).reshape(len(peaks), -1)

    full = discrepancies_by_full_forward(network, "out", pixels, peaks, occluders).numpy()
    with recording(network, ["out"]) as maps:
        forward(network, pixels[None])
    largest = float(maps["out"].abs().max())
    assert abs(result - full).max() <= 1e-4 * largest
    field = theoretical_fields(network, ["out"])["out"]
    for row, peak in enumerate(peaks):
        for change, place in zip(full[row], occluders.places(SIDE, SIDE), strict=True):
            if change > 1e-5 * largest:
                for start, axis, cell in zip(
                    place, (field.rows, field.columns), (peak.y, peak.x), strict=True
                ):
                    first = axis.start + cell * axis.stride
                    assert first - occluders.size < start < first + axis.size
