"""Filters as pictures, and the command that prints and draws them."""

import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.filter_weights import (
    filter_sheet,
    filters_of,
    normalised,
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


def test_weights_are_normalized_about_gray_per_filter_or_per_layer():
    filters = torch.tensor([[-2.0, 1.0], [0.5, 0.0]])[:, None, None, :]

    per_filter = normalised(filters)[:, 0, 0].tolist()
    per_layer = normalised(filters, per="layer")[:, 0, 0].tolist()

    assert per_filter == [[0.0, 0.75], [1.0, 0.5]]
    assert per_layer == [[0.0, 0.75], [0.625, 0.5]]


def test_first_layer_filters_are_tiles_in_color():
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
