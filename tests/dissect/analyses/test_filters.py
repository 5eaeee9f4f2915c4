"""Filters as pictures, and their noise judged by a Fourier transform written out."""

import cmath
import io
import json
import math
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.filters import (
    convolution,
    filter_noise,
    filter_sheet,
    filters_of,
    fine_share,
    normalised,
    random_filters,
    roughness,
    sees_colours,
)
from dissect.commands.command_line import main
from dissect.errors import UnsupportedLayer
from dissect.networks.registry import load_network
from dissect.render.contact_sheets import Caption, grey, grid

COMMAND = [
    "filters",
    "--network",
    "tests.dissect.custom_networks:small",
    "--format",
    "json",
    "--layers",
]


def fine_share_slowly(filters):
    """(units,): every frequency by its own sum over every pixel."""
    shares = []
    for one in filters.tolist():
        size = len(one[0])
        whole = fine = 0.0
        for fy in range(size):
            for fx in range(size):
                y, x = min(fy, size - fy) / size, min(fx, size - fx) / size
                for channel in one:
                    value = sum(
                        channel[row][column]
                        * cmath.exp(-2j * math.pi * (fy * row + fx * column) / size)
                        for row in range(size)
                        for column in range(size)
                    )
                    whole += abs(value) ** 2
                    fine += abs(value) ** 2 * (math.hypot(y, x) > 0.25)
        shares.append(fine / whole)
    return shares


@pytest.mark.parametrize("size", [5, 6, 7])
def test_the_share_of_fine_detail_is_that_of_the_fourier_sums(size):
    filters = torch.randn(4, 2, size, size, generator=torch.Generator().manual_seed(size))

    assert np.allclose(fine_share(filters), fine_share_slowly(filters), atol=1e-6)


def test_a_flat_filter_has_no_fine_detail_and_a_chessboard_nothing_else():
    flat = torch.ones(1, 1, 6, 6)
    board = ((torch.arange(6)[:, None] + torch.arange(6)) % 2 * 2.0 - 1)[None, None]

    assert fine_share(torch.cat([flat, board, 0 * flat])).tolist() == pytest.approx([0, 1, 0])


def test_an_untrained_layer_is_as_noisy_as_random_ones_and_a_smooth_one_is_not():
    network = load_network("tests.dissect.planted:wide")

    untrained = filter_noise(network, "stem")
    network.model.stem.weight.data[:] = torch.hann_window(9)[1:8, None] * torch.hann_window(9)[1:8]
    smooth = filter_noise(network, "stem")

    for noise in (untrained.fine, untrained.rough):
        assert noise.counts()["like_random"] >= 0.8 * 64
    for noise in (smooth.fine, smooth.rough):
        assert noise.counts() == {"smoother": 64, "like_random": 0, "noisier": 0}


def roughness_slowly(weights):
    """Of one filter: every pair of neighbours by itself."""
    channels, height, width = weights.shape
    pairs = []
    for c, y, x in np.ndindex(channels, height, width):
        pairs += [(weights[c, y, x], weights[c, y + 1, x])] if y + 1 < height else []
        pairs += [(weights[c, y, x], weights[c, y, x + 1])] if x + 1 < width else []
    power = np.mean(weights**2)
    return np.mean([(a - b) ** 2 for a, b in pairs]) / (2 * power)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_roughness_is_that_of_every_pair_of_neighbouring_weights(size):
    filters = torch.randn(4, 2, size, size, generator=torch.Generator().manual_seed(size))

    slow = [roughness_slowly(one) for one in filters.double().numpy()]

    assert roughness(filters).tolist() == pytest.approx(slow, rel=1e-5)


def test_roughness_of_3_by_3_filters_is_1_for_noise_0_for_flat_and_2_for_a_chessboard():
    noise = torch.randn(200, 16, 3, 3, generator=torch.Generator().manual_seed(1))
    flat = torch.ones(1, 2, 3, 3)
    board = ((torch.arange(3)[:, None] + torch.arange(3)) % 2 * 2.0 - 1).expand(1, 2, 3, 3)

    assert roughness(noise).mean() == pytest.approx(1, abs=0.02)
    assert roughness(torch.cat([flat, board, 0 * flat])).tolist() == pytest.approx([0, 2, 0])


def test_weights_are_normalised_about_grey_per_filter_or_per_layer():
    filters = torch.tensor([[-2.0, 1.0], [0.5, 0.0]])[:, None, None, :]

    per_filter = normalised(filters)[:, 0, 0].tolist()
    per_layer = normalised(filters, per="layer")[:, 0, 0].tolist()

    assert per_filter == [[0.0, 0.75], [1.0, 0.5]]
    assert per_layer == [[0.0, 0.75], [0.625, 0.5]]


def test_first_layer_filters_are_tiles_in_colour():
    network = load_network("tests.dissect.custom_networks:small")
    filters = filters_of(network, "stem")

    sheet = filter_sheet(filters, [4, 1], sees_colours(network, "stem"), "filter")

    assert [word.text for word in sheet.captions] == ["4", "1"]
    picture = np.asarray(Image.open(io.BytesIO(sheet.png())))
    first = sheet.captions[0]
    weights = (normalised(filters)[4, :, -1, 0] * 255).round().numpy()
    assert picture[first.y - 1, first.x].tolist() == weights.tolist()


def test_deeper_filters_have_a_tile_for_each_input_channel():
    network = load_network("tests.dissect.custom_networks:small")
    filters = torch.zeros(8, 6, 3, 3)
    filters[5, 4] = 1.0  # the second of the second row of three
    assert not sees_colours(network, "deep")

    sheet = filter_sheet(filters, [5], False, "filter")

    word = sheet.captions[0]
    picture = np.asarray(sheet.picture)[: word.y, :, 0]  # above the color bar
    white, grey_ = (picture == 255), (picture == 128)
    assert grey_.sum() == 5 * 9 * 16  # 4 px a weight
    assert white[word.y - 14, word.x + 18]
    assert grey_[word.y - 14, word.x + 2]


def test_smooth_3_by_3_filters_are_told_from_random_ones():
    network = load_network("tests.dissect.custom_networks:small")
    untrained = filter_noise(network, "deep")
    ramp = torch.arange(3.0)[:, None] + torch.arange(3.0)
    network.model.deep.weight.data[:] = ramp + torch.randn(8, 6, 1, 1)

    smooth = filter_noise(network, "deep")

    assert untrained.fine is None
    assert smooth.fine is None
    assert untrained.rough.counts()["like_random"] >= 4
    assert smooth.rough.counts()["smoother"] == 8


def test_the_noise_of_the_checkpoints_of_a_training_stands_side_by_side(tmp_path, capsys):
    network = load_network("tests.dissect.custom_networks:small")
    weights = network.model.stem.weight.data
    start, end = weights.clone(), torch.ones_like(weights)
    files = []
    for step, share in enumerate((0.0, 0.9, 1.0)):  # ever smoother
        weights[:] = (1 - share) * start + share * 0.1 * end
        files.append(str(tmp_path / f"{step}.pt"))
        torch.save(network.model.state_dict(), files[-1])

    main([*COMMAND, "stem", "--weights", *files])
    printed = json.loads(capsys.readouterr().out)
    table = main([*COMMAND[:3], "--layers", "stem", "--weights", *files])

    steps = printed["checkpoints"]
    assert [one["weights"] for one in steps] == files
    for name in ("noise", "roughness"):
        medians = [one["layers"]["stem"][name]["median"] for one in steps]
        assert medians[0] > medians[1] > medians[2]
        assert steps[2]["layers"]["stem"][name]["counts"]["smoother"] == 6
    last = printed["layers"]["stem"]["units"]["0"]["noise"]
    assert last == pytest.approx(0, abs=1e-6)  # the rest is of the last checkpoint
    assert table == 0
    assert capsys.readouterr().out.count(str(tmp_path)) == 3


def test_one_file_of_weights_is_no_series_of_checkpoints(capsys):
    main([*COMMAND, "stem"])

    assert "checkpoints" not in json.loads(capsys.readouterr().out)


def test_small_filters_say_that_noise_does_not_apply(capsys):
    assert main([*COMMAND, "deep", "stem"]) == 0

    layers = json.loads(capsys.readouterr().out)["layers"]
    assert layers["deep"]["noise"] == {
        "applies": False, "reason": "filters under 5 x 5", "random": None, "counts": None,
    }  # fmt: skip
    assert layers["deep"]["units"]["7"]["noise"] is None
    assert layers["deep"]["roughness"]["applies"]
    assert 0 < layers["deep"]["units"]["7"]["roughness"] < 2
    low, high = layers["stem"]["noise"]["random"]
    assert 0 < low < high < 1
    assert layers["stem"]["size"] == [5, 5]


def test_sheets_are_written_as_png_and_as_svg(tmp_path, capsys):
    main([*COMMAND, "stem", "deep", "--out", str(tmp_path), "--units", "0", "3"])

    assert {path.name for path in tmp_path.iterdir()} == {
        *("stem.png", "stem.svg", "deep.png", "deep.svg"),
        *("stem-random.png", "stem-random.svg", "deep-random.png", "deep-random.svg"),
    }  # fmt: skip
    svg = ElementTree.parse(tmp_path / "stem.svg")
    words = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["0", "3"]
    with Image.open(tmp_path / "deep.png") as picture:
        assert picture.format == "PNG"
    stem = json.loads(capsys.readouterr().out)["layers"]["stem"]
    assert stem["sheet"].endswith("stem.png")
    assert stem["random_sheet"].endswith("stem-random.png")


def test_random_filters_are_the_same_layer_at_its_own_random_initialization():
    layer = convolution(load_network("tests.dissect.custom_networks:small"), "stem")

    drawn = random_filters(layer, seed=0)

    torch.manual_seed(0)
    fresh = torch.nn.Conv2d(3, 6, 5, stride=2, padding=2)
    assert torch.equal(drawn, fresh.weight)
    assert not torch.equal(drawn, layer.weight)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ("head", "is a Linear, without filters in space"),
        ("nothing", "no layer named 'nothing'"),
        ("relu", "is a ReLU, without filters in space"),
    ],
)
def test_layers_without_filters_are_refused_with_a_sentence(layer, says, capsys):
    assert main([*COMMAND, layer]) == 1

    assert says in capsys.readouterr().err


def test_a_block_names_the_convolutions_inside_it():
    network = load_network("tests.dissect.planted:detectors")

    with pytest.raises(UnsupportedLayer, match="'see' has no filters of its own; see.0 inside it"):
        filters_of(network, "see")


def test_words_on_a_sheet_stand_under_their_tiles_and_never_run_together():
    tiles = [grey(np.full((10, 10), 0.1 * i, np.float32)) for i in range(3)]

    sheet = grid(tiles, ["0", "1000", "2"], columns=2)

    assert sheet.captions[0] == Caption(4, 14, "0")
    assert sheet.captions[1].x - sheet.captions[0].x > 24
    assert sheet.captions[2].y > sheet.captions[0].y
