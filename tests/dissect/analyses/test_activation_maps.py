"""Maps of one image as pictures; sparsity judged by looking at every cell at once."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.activation_maps import activation_sheet, map_picture, maps_of, sparsity
from dissect.commands.command_line import main, parser
from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.batches import Passes
from tests.dissect.planted import GREEN, RED, rectangle, save
from tests.dissect.topk.test_collect import all_maps

CPU = torch.device("cpu")
COMMAND = ["activations", "--network", "tests.dissect.planted:detectors", "--layers", "see"]


@pytest.mark.parametrize("layer", ["stem", "deep", "head"])
def test_sparsity_is_that_of_the_slow_definition(noise_folder, layer):
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    maps = all_maps(network, images, layer).transpose(0, 1).flatten(1)  # (units, cells)

    measured = sparsity(network, [layer], Passes(images, 2, CPU))[layer]

    for unit, cells in enumerate(maps.tolist()):
        assert measured.maximum[unit] == pytest.approx(max(cells))
        cut = np.float32(0.01) * np.float32(max(cells))
        assert measured.silent[unit] == pytest.approx(np.mean([cell <= cut for cell in cells]))
        assert measured.zero[unit] == pytest.approx(np.mean([cell == 0 for cell in cells]))


def test_a_detector_is_silent_wherever_its_pattern_is_not(tmp_path):
    save(tmp_path, "0.png", rectangle(RED, (0, 0, 32, 64)))  # half of one of four pictures
    for number in (1, 2, 3):
        save(tmp_path, f"{number}.png", rectangle(GREEN, (0, 0, 64, 64)))

    network = load_network("tests.dissect.planted:detectors")
    measured = sparsity(network, ["see"], Passes(find_images(tmp_path), 2, CPU))["see"]

    assert measured.silent.tolist() == [0.875, 0.25, 1.0]
    assert measured.zero.tolist() == [0.875, 0.25, 1.0]


def test_one_pass_tells_its_progress_to_the_last_image(noise_folder):
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    progress = []

    sparsity(network, ["stem"], Passes(images, 2, CPU, lambda *numbers: progress.append(numbers)))

    assert progress == [(32, 140), (64, 140), (70, 140), (102, 140), (134, 140), (140, 140)]


def test_maps_of_an_image_are_where_the_pattern_is():
    network = load_network("tests.dissect.planted:detectors")

    maps = maps_of(network, ["see", "say"], Image.fromarray(rectangle(RED, (8, 16, 24, 48))))

    wanted = torch.zeros(64, 64)
    wanted[16:48, 8:24] = 1.0
    assert torch.equal(maps["see"][0], wanted)
    assert maps["say"].shape == (3, 1, 1)


def test_a_map_is_black_at_zero_white_at_its_largest_and_blue_below():
    picture = np.asarray(map_picture(torch.tensor([[0.0, 2.0], [-2.0, 1.0]]), largest=2.0))

    assert picture.shape == (56, 56, 3)
    assert picture[0, 0].tolist() == [0, 0, 0]
    assert picture[0, 55].tolist() == [255, 255, 255]
    assert picture[55, 0].tolist() == [0, 115, 255]
    assert picture[55, 55].tolist() == [128, 128, 128]


def test_maps_are_normalized_per_unit_or_per_layer():
    maps = torch.tensor([1.0, 4.0])[:, None, None]

    def brightest(per):
        sheet = activation_sheet(maps, [0, 1], per)
        picture = np.asarray(Image.open(io.BytesIO(sheet.png())))[..., 0]
        return [int(picture[word.y - 5, word.x + 5]) for word in sheet.captions[:2]]

    assert brightest("unit") == [255, 255]
    assert brightest("layer") == [64, 255]


@pytest.mark.parametrize("option", ["--normalize", "--normalise"])
def test_the_option_is_spelled_in_american_and_still_taken_as_it_was(option):
    line = [*COMMAND, "--images", "a", option, "layer"]

    assert parser().parse_args(line).normalise == "layer"


def test_activations_prints_and_draws_the_units_asked_for(tmp_path, capsys):
    save(tmp_path / "set", "a.png", rectangle(GREEN, (0, 0, 64, 64)))
    save(tmp_path / "set", "b.png", rectangle(RED, (10, 20, 30, 40)))
    shown, out = str(tmp_path / "set" / "b.png"), tmp_path / "out"

    main([*COMMAND, "--images", str(tmp_path / "set"), "--image", shown, "--units", "0",
          "--out", str(out), "--format", "json"])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert printed["image_count"] == 2
    unit = printed["layers"]["see"]["units"]["0"]
    assert (unit["y"], unit["x"], unit["peak"], unit["maximum"]) == (20, 10, 1.0, 1.0)
    assert np.sum(unit["map"]) == 400
    assert unit["sparsity"] == 1 - 400 / (2 * 64 * 64)
    with Image.open(out / "see" / "0.png") as alone:
        assert alone.size == (448, 448)
    assert (out / "see.png").is_file()


def test_one_image_is_an_image_set_too(tmp_path, capsys):
    save(tmp_path, "b.png", rectangle(RED, (10, 20, 30, 40)))

    assert main([*COMMAND, "--images", str(tmp_path / "b.png")]) == 0

    assert "0.9023" in capsys.readouterr().out  # 1 - 400 / 4096


def test_images_that_cannot_be_read_are_counted_and_none_at_all_is_refused(tmp_path, capsys):
    save(tmp_path, "b.png", rectangle(RED, (10, 20, 30, 40)))
    (tmp_path / "c.png").write_bytes(b"no picture")

    main([*COMMAND, "--images", str(tmp_path), "--format", "json"])
    printed = json.loads(capsys.readouterr().out)
    assert [skipped["image"] for skipped in printed["skipped"]] == ["c.png"]

    (tmp_path / "b.png").unlink()
    network = load_network("tests.dissect.planted:detectors")
    with pytest.raises(ImagesError, match="None of the 1 images"):
        sparsity(network, ["see"], Passes(find_images(tmp_path), 2, CPU))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--units", "3"], "Layer 'see' has units 0 to 2, not 3."),
        (["--image", "nowhere.png"], "There is no image 'nowhere.png'"),
    ],
)
def test_what_is_not_there_gets_a_sentence(tmp_path, capsys, more, says):
    save(tmp_path, "b.png", rectangle(RED, (10, 20, 30, 40)))

    assert main([*COMMAND, "--images", str(tmp_path), *more]) == 1

    assert says in capsys.readouterr().err
