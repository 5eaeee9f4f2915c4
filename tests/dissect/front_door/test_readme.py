"""The ten lines of the README run as they are, on networks of several kinds."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dissect
from tests.house.reading import ROOT

MAX_STATEMENTS = 10


class Branched(nn.Module):
    """Branches of two grids, a gate, a module that runs twice, and a dictionary of outputs."""

    input_size = 96

    def __init__(self):
        super().__init__()
        self.wide = nn.Conv2d(3, 24, 7, 3, 3)
        self.near = nn.Conv2d(3, 24, 3, 3, 1, dilation=2)
        self.norm, self.act = nn.GroupNorm(4, 24), nn.SiLU()
        self.deep = nn.Conv2d(24, 32, 3, 2, 1, groups=4)
        self.head = nn.Linear(32, 7)

    def forward(self, x):
        wide = self.wide(x)
        gate = F.interpolate(self.near(x), size=wide.shape[-2:])
        deep = self.act(self.deep(self.act(self.norm(wide)) * torch.sigmoid(gate)))
        features = deep.mean(dim=(2, 3))
        return {"features": features, "logits": self.head(features), "mask": None}


def of_timm(name):
    return pytest.importorskip("timm").create_model(name)


NETWORKS = {
    "a dictionary of outputs": Branched,
    "a gated network without attention": lambda: of_timm("test_mambaout"),
    "a SPEC": lambda: "dissect.demo.networks:object_1",
}


@pytest.fixture(scope="module")
def ten_lines():
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    (block,) = [block for block in blocks if block.startswith("import dissect\n")]
    return block


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_ten_lines_run_unchanged(kind, ten_lines, scenes):
    pytest.importorskip("pandas")
    torch.manual_seed(0)
    names = {"model": NETWORKS[kind](), "photographs": scenes}

    code = compile(ten_lines, "README.md", "exec")
    exec(code, names)

    assert ten_lines.count("dissect.") + ten_lines.count("import ") + 1 <= MAX_STATEMENTS
    results = [value for value in names.values() if isinstance(value, dissect.Result)]
    assert len(results) == 7
    assert all("<p><strong>" in result._repr_html_() for result in results)
    assert len(names["table"]) == 9 * len(names["top"].layers[names["layer"]].units)
