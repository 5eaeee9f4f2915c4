"""Commands say on stderr which images they leave out, each with the reason."""

import json

import numpy as np
import pytest
from PIL import Image

from dissect.commands.command_line import main

NETWORK = "tests.dissect.planted:detectors"
LAYER = ["--layers", "see"]
COMMANDS = {
    "activations": [*LAYER, "--units", "0"],
    "alike": [*LAYER, "--top", "1"],
    "compare": [*LAYER, "--top", "1", "--overlap", "1", "--network", NETWORK],
    "concepts": LAYER,
    "exemplars": [*LAYER, "--top", "1"],
    "minimal-image": ["--count", "4", "--draws", "1", "--exchanges", "0"],
    "receptive-field": [*LAYER, "--units", "0", "--top-images", "1", "--stride", "32"],
    "rotations": [*LAYER, "--count", "1", "--out", "chance.safetensors"],
    "scenes": ["--named", "named.json"],
    "segment": [*LAYER, "--units", "0"],
}
BROKEN = "cut.png (image file is truncated)"
MISSING = "gone.png (No such file or directory)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three pictures and a truncated one, with masks, and a list that also has a missing one."""
    monkeypatch.chdir(tmp_path)
    for inside in ("images", "masks"):
        (tmp_path / inside).mkdir()
    noise = np.random.default_rng(0).integers(0, 32, (64, 64, 3), dtype=np.uint8)
    for number, colour in enumerate(["lime", "blue", "lime"]):
        picture = Image.fromarray(noise)
        picture.paste(colour, (8, 8, 40, 40 + number))
        picture.save(f"images/{number}.png")
        Image.new("L", (64, 64), 1).save(f"masks/{number}.png")
    content = (tmp_path / "images/0.png").read_bytes()
    (tmp_path / "images/cut.png").write_bytes(content[: len(content) // 2])
    (tmp_path / "images/list.txt").write_text("0.png\n1.png\n2.png\ncut.png\ngone.png\n")
    (tmp_path / "classes.csv").write_text("index,name\n1,red\n")
    named = {"layers": {"see": {"0": {"concept": "red", "precision": 1.0}}}}
    (tmp_path / "named.json").write_text(json.dumps(named))
    return tmp_path


def said(capsys, command, images, *options):
    assert (
        main([command, "--network", NETWORK, *COMMANDS[command], "--images", images, *options]) == 0
    )
    out, err = capsys.readouterr()
    assert out
    return [line for line in err.splitlines() if "left out" in line]


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"concepts"}))
def test_a_broken_image_and_a_missing_one_are_named(command, folder, capsys):
    lines = said(capsys, command, "images/list.txt")

    assert lines == [f"2 of 5 images were left out: {BROKEN}, {MISSING}."]


def test_a_broken_image_among_images_with_masks_is_named(folder, capsys):
    for number in range(3, 10):
        Image.new("RGB", (64, 64), (20 * number, 0, 0)).save(f"images/{number}.png")
        Image.new("L", (64, 64), 1).save(f"masks/{number}.png")

    assert said(capsys, "concepts", ".") == [f"1 of 11 images was left out: {BROKEN}."]


def test_images_that_the_user_skips_are_not_named(folder, capsys):
    assert said(capsys, "segment", "images", "--skip", "cut.png") == []
    assert said(capsys, "alike", "images/list.txt", "--skip", "cut.png") == [
        f"1 of 5 images was left out: {MISSING}."
    ]


@pytest.mark.parametrize("command", ["scenes", "segment"])
def test_a_broken_image_of_another_set_that_cuts_maps_is_named(command, folder, capsys):
    lines = said(capsys, command, "images/0.png", "--over", "images")

    assert lines == [f"1 image was left out: {BROKEN}."]


def test_three_images_are_named_and_more_are_counted(folder, capsys):
    for number in range(5):
        (folder / f"images/d{number}.png").write_text("no picture")

    (line,) = said(capsys, "exemplars", "images")

    assert line.startswith(f"6 of 9 images were left out: {BROKEN}, d0.png (")
    assert "d1.png (" in line
    assert "d2.png" not in line
    assert line.endswith(" and 3 more.")


@pytest.mark.parametrize("asked", [["activations", *LAYER, "--units", "0"], ["occlusion"]])
def test_a_broken_image_that_was_asked_for_is_named_with_the_way_out(asked, folder, capsys):
    (folder / "images/0.png").write_bytes(b"no picture")

    assert main([*asked, "--network", NETWORK, "--images", "images"]) == 1

    line = capsys.readouterr().err.splitlines()[-1]
    assert "The image '0.png' cannot be read: " in line
    assert "--skip '0.png'" in line
