"""Windows of operations and of changed maps, judged by slow definitions."""

import numpy as np
import pytest
import torch
from torch import nn

from dissect.images.preprocessing import Preprocessing
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.forward import Patch, Slices, cell_table, cut_windows
from dissect.receptive_fields.incremental.trace import record_trace
from dissect.receptive_fields.incremental.windows import Window, windows_of

SIDE = 12


def operation(module: nn.Module):
    """The step of a network that is this module alone."""
    model = nn.Sequential(module).eval()
    view = Preprocessing(resize=SIDE, crop=SIDE)
    network = Network("test", model, view, "untrained", "0" * 64)
    trace = record_trace(network, torch.zeros(3, SIDE, SIDE, dtype=torch.uint8), ["0"])
    return trace.steps[trace.layers["0"].step]


@pytest.mark.parametrize(
    ("module", "rows", "columns"),
    [
        (nn.Conv2d(3, 2, 3, padding=1), Window(1, -1, 1), Window(1, -1, 1)),
        (nn.Conv2d(3, 2, (5, 1), stride=(2, 1), padding=(2, 0)), Window(2, -2, 2), Window(1, 0, 0)),
        (nn.Conv2d(3, 2, 3, dilation=2), Window(1, 0, 4), Window(1, 0, 4)),
        (nn.MaxPool2d(3, 2, padding=1), Window(2, -1, 1), Window(2, -1, 1)),
        (nn.AvgPool2d(2), Window(2, 0, 1), Window(2, 0, 1)),
        (nn.ZeroPad2d((3, 0, 1, 0)), Window(1, -1, -1), Window(1, -3, -3)),
    ],
)
def test_an_output_cell_reads_the_window_of_its_kernel(module, rows, columns):
    assert windows_of(operation(module), (1, 3, SIDE, SIDE)) == (rows, columns)


@pytest.mark.parametrize("module", [nn.Linear(SIDE, 2), nn.AdaptiveAvgPool2d(1)])
def test_an_operation_over_the_whole_map_has_no_windows(module):
    assert windows_of(operation(module), (1, 3, SIDE, SIDE)) is None


def test_windows_of_a_changed_map_are_slices_of_the_whole_padded_map():
    generator = torch.Generator().manual_seed(0)
    unchanged = torch.randn(1, 2, 5, 6, generator=generator)
    changed = torch.randn(3, 2, 2, 3, generator=generator)
    patch = Patch(changed, Slices(np.array([0, 1, 3]), 2), Slices(np.array([3, 0, 2]), 3))
    rows, columns = Slices(np.array([-1, 2, 2]), 4), Slices(np.array([0, -2, 3]), 4)

    windows = cut_windows(cell_table(unchanged, -7.0), (5, 6), patch, rows, columns)

    for image in range(3):
        whole = unchanged[0].clone()
        y, x = patch.rows.start[image], patch.columns.start[image]
        whole[:, y : y + 2, x : x + 3] = changed[image]
        padded = nn.functional.pad(whole, (4, 4, 4, 4), value=-7.0)
        y, x = rows.start[image] + 4, columns.start[image] + 4
        assert torch.equal(windows[image], padded[:, y : y + 4, x : x + 4])
