"""Occlusion maps: planted classes, a slow definition, fills, and what the command prints."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.occlusion import occlusion_map
from dissect.commands.command_line import main
from dissect.errors import BadSetting, UnsupportedLayer
from dissect.networks.classes import probabilities
from dissect.networks.registry import load_network
from dissect.receptive_fields.occluders import FILLS, Occluders
from tests.dissect.planted import BLUE, GREEN, SIDE, rectangle

BOX = (20, 8, 44, 32)  # left, top, right, bottom of a green square
DETECTORS = "tests.dissect.planted:detectors"


@pytest.fixture(scope="module")
def network():
    return load_network(DETECTORS)


@pytest.fixture(scope="module")
def picture():
    """A green square, and a blue one a little smaller far from it."""
    whole = rectangle(GREEN, BOX)
    other = rectangle(BLUE, (2, 42, 25, 62))
    return Image.fromarray(np.maximum(whole, other))


@pytest.fixture(scope="module")
def pixels(network, picture):
    return network.preprocessing.pixels(picture)


def map_slowly(network, pixels, occluders, class_index):
    """One copy of the image after another."""
    starts = range(0, SIDE - occluders.size + 1, occluders.stride)
    grid = np.zeros((len(starts), len(starts)))
    predicted = np.zeros_like(grid, dtype=int)
    for i, top in enumerate(starts):
        for j, left in enumerate(starts):
            number = np.array([i * len(starts) + j])
            copy = pixels.clone()
            square = occluders.patches(pixels, number)[0]
            copy[:, top : top + occluders.size, left : left + occluders.size] = square
            said = probabilities(network, copy[None])[0]
            grid[i, j], predicted[i, j] = float(said[class_index]), int(said.argmax())
    return grid, predicted


@pytest.mark.parametrize("fill", FILLS)
def test_the_map_is_that_of_one_forward_after_another(network, pixels, fill):
    occluders = Occluders(size=12, stride=5, fill=fill)

    result = occlusion_map(network, pixels, occluders)

    grid, predicted = map_slowly(network, pixels, occluders, 1)
    assert np.allclose(result.grid, grid, atol=1e-6)
    assert np.array_equal(result.predicted, predicted)


def test_hiding_a_planted_class_and_nothing_else_lowers_it(network, pixels):
    result = occlusion_map(network, pixels, Occluders(size=11, stride=3))

    left, top, right, bottom = BOX
    start = 3 * np.arange(result.grid.shape[0])
    rows = (start < bottom) & (start + 11 > top)
    columns = (start < right) & (start + 11 > left)
    touches = np.outer(rows, columns)
    assert result.class_index == result.best == 1
    assert (result.grid[touches] < result.probability - 1e-4).all()
    assert (result.grid[~touches] >= result.probability - 1e-6).all()


def test_hiding_most_of_the_best_class_changes_the_prediction(network, pixels):
    result = occlusion_map(network, pixels, Occluders(size=20, stride=2))

    left, top, _, _ = BOX
    assert result.predicted[(top + 2) // 2, (left + 2) // 2] == 2  # blue is left
    assert result.predicted[0, -1] == 1


@pytest.mark.parametrize(("chosen", "index"), [("blue", 2), ("Blue", 2), ("0", 0), (None, 1)])
def test_a_class_is_chosen_by_name_or_index_and_is_the_best_one_otherwise(
    network, pixels, chosen, index
):
    result = occlusion_map(network, pixels, Occluders(stride=20), chosen)

    assert result.class_index == index
    assert result.best == 1
    assert result.probability == pytest.approx(
        float(probabilities(network, pixels[None])[0, index])
    )


def test_what_fills_an_occluder_is_what_its_name_says(pixels):
    chosen = np.array([0, 7])

    zero, mean, random, blur = (
        Occluders(size=9, fill=fill).patches(pixels, chosen) for fill in FILLS
    )

    assert not zero.any()
    assert torch.equal(mean[1, :, 3, 3], pixels.float().mean(dim=(1, 2)).round().to(torch.uint8))
    assert random.float().std() > 60
    assert torch.equal(random, Occluders(size=9, fill="random").patches(pixels, chosen))
    assert not torch.equal(random, Occluders(size=9, fill="random", seed=1).patches(pixels, chosen))
    assert blur.shape == (2, 3, 9, 9)
    flat = torch.full_like(pixels, 90)
    assert torch.equal(Occluders(size=9, fill="blur").patches(flat, chosen), flat[None, :, :9, :9]
                       .expand(2, -1, -1, -1))  # fmt: skip


def test_the_paper_has_5329_places_at_227_px_and_5184_at_224():
    assert len(Occluders().places(227, 227)) == 5329
    assert len(Occluders().places(224, 224)) == 5184


def test_the_heat_is_brightest_where_the_class_was_planted(network, picture, pixels):
    occluders = Occluders(size=11, stride=3)
    result = occlusion_map(network, pixels, occluders)

    heat = np.asarray(result.drawn(network.preprocessing, picture, occluders)).astype(int)

    assert heat.shape == (448, 448, 3)
    inside, outside = heat[20 * 7, 32 * 7], heat[52 * 7, 52 * 7]
    assert inside.sum() > outside.sum() + 200
    assert inside[0] > inside[2]  # warm


def test_a_network_that_is_no_classifier_is_refused_with_a_sentence(pixels):
    network = load_network("tests.dissect.planted:detectors")
    network.model.say = torch.nn.Identity()
    network.model.forward = network.model.see.forward

    with pytest.raises(UnsupportedLayer, match="no classifier"):
        occlusion_map(network, pixels, Occluders())


@pytest.mark.parametrize("size", [0, -3])
def test_an_occluder_without_pixels_is_refused(size):
    with pytest.raises(BadSetting, match="at least 1 px"):
        Occluders(size=size)


def test_the_command_prints_the_raw_grid_and_writes_the_picture(picture, tmp_path, capsys):
    picture.save(tmp_path / "green.png")
    out = tmp_path / "out"
    command = ["occlusion", "--network", DETECTORS, "--images", str(tmp_path / "green.png")]
    options = ["--stride", "9", "--fill", "mean", "--out", str(out), "--format", "json"]

    assert main([*command, *options]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["class"] == "green"
    assert (said["size"], said["stride"], said["fill"]) == (11, 9, "mean")
    assert np.array(said["grid"]).shape == np.array(said["predicted"]).shape == (6, 6)
    assert set(said["names"]) >= {str(index) for index in np.unique(said["predicted"])}
    with Image.open(said["picture"]) as heat:
        assert heat.size == (448, 448 + 36)  # the color bar is below


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--class", "purple"], "no class named 'purple'"),
        (["--class", "3"], "classes 0 to 2, not 3"),
        (["--occluder", "65"], "sees 64 px"),
    ],
)
def test_bad_input_is_one_sentence(options, says, picture, tmp_path, capsys):
    picture.save(tmp_path / "green.png")
    command = ["occlusion", "--network", DETECTORS, "--images", str(tmp_path / "green.png")]

    assert main([*command, *options]) == 1

    error = capsys.readouterr().err.strip()
    assert says in error
    assert "\n" not in error
