"""`--format json` has the same keys always, and every command says its units and its source."""

import argparse
import json

import pytest
from PIL import Image

from dissect.commands import COMMANDS
from dissect.commands.command_line import main, parser
from tests.house.reading import imports
from tests.image_names import DEEP, NAMES, write_pictures

DETECTORS = "tests.dissect.planted:detectors"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number, colour in enumerate(["red", "lime", "blue"]):
        picture = Image.new("RGB", (64, 64))
        picture.paste(colour, (8, 8, 40, 40))
        picture.save(folder / f"{number}.png")
    return folder


def printed(capsys, *command):
    assert main([*map(str, command), "--network", DETECTORS, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_layers(capsys):
    (see, *_) = [one for one in printed(capsys, "layers")["layers"] if one["name"] == "see"]

    assert see == {
        "name": "see",
        "type": "Sequential",
        "unit_count": 3,
        "map_size": [64, 64],
        "theoretical": {"size": 1, "stride": 1, "whole": False},
        "after": "ReLU",
        "suggested": False,
    }


def test_exemplars(capsys, pictures):
    said = printed(capsys, "exemplars", "--layers", "see", "--images", pictures, "--top", 2)

    units = said["layers"]["see"]["units"]
    assert list(units) == ["0", "1", "2"]
    assert set(units["0"][0]) == {"image", "score", "y", "x", "coverage"}
    scores = [one["score"] for one in units["0"]]
    assert scores == sorted(scores, reverse=True)


def test_receptive_field(capsys, pictures):
    asked = ["receptive-field", "--layers", "see", "--images", pictures, "--units", 0, 1]
    asked += ["--top-images", 2, "--occluder", 11, "--stride", 8]

    measured = printed(capsys, *asked)["layers"]["see"]
    theory = printed(capsys, "receptive-field", "--layers", "see", "--theoretical-only")

    assert {"size", "stride"} <= measured["theoretical"].keys()
    assert {"mean", "std", "unit_count"} <= measured["empirical"].keys()
    assert measured["empirical"]["unit_count"] == 2
    assert theory["layers"]["see"]["empirical"] is None


def test_minimal_image(capsys, pictures):
    said = printed(capsys, "minimal-image", "--images", pictures / "1.png", "--count", 9)

    assert {"class", "kept_share", "steps", "flipped_at"} <= said.keys()
    assert said["class"] == "green"
    assert said["steps"][0].keys() == {"segment", "probability"}


def test_occlusion(capsys, pictures):
    asked = ["occlusion", "--images", pictures / "1.png", "--occluder", 16, "--stride", 16]

    said = printed(capsys, *asked, "--class", "red")

    assert said["class"] == "red"
    assert [len(line) for line in said["grid"]] == [4] * 4


@pytest.mark.parametrize("command", ["segment", "exemplars"])
def test_masks_are_png(capsys, pictures, tmp_path, command):
    top = ["--top", "2"] if command == "exemplars" else []

    printed(capsys, command, "--layers", "see", "--images", pictures, "--out", tmp_path, *top)

    masks = list((tmp_path / "see").rglob("*.png"))
    assert masks
    for mask in masks:
        with Image.open(mask) as picture:
            assert picture.mode == "1"


def options_of(command):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_same_options_everywhere(command):
    options = options_of(command)

    assert {"--network", "--weights"} <= options
    if command.name not in {"layers", "alike"}:
        assert "--out" in options
    if command.name not in {"layers", "filters"}:
        assert "--images" in options
    if command.name not in {"layers", "occlusion", "minimal-image", "scenes"}:
        assert "--layers" in options
    if command.name in {"occlusion", "minimal-image"}:
        assert "--class" in options
    if {"--layers"} <= options and command.name not in {"compare", "rotations"}:
        assert "--units" in options


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_names_units_and_a_source(command, capsys):
    with pytest.raises(SystemExit) as done:
        parser().parse_args([command.name, "--help"])

    said = " ".join(capsys.readouterr().out.split())
    assert done.value.code == 0
    assert "arXiv:" in said
    assert any(unit in said for unit in ("pixels", "px", "0 to 1", "cells", "variance"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["occlusion", "--images", "1.png", "--class", "purple"], "no class named 'purple'"),
        (["receptive-field", "--layers", "say", "--images", ".", "--top-images", "2"], "no space"),
        (["exemplars", "--layers", "see", "--images", ".", "--top", "9"], "3 images"),
        (["occlusion", "--images", "1.png", "--occluder", "99"], "64 px"),
    ],
)
def test_bad_input_gets_one_sentence(asked, sentence, capsys, pictures, monkeypatch):
    monkeypatch.chdir(pictures)

    assert main([*asked, "--network", DETECTORS]) == 1

    said = capsys.readouterr().err.strip()
    assert sentence in said
    assert "\n" not in said


def test_a_text_table_shows_every_character_of_a_name_and_json_the_stored_name(tmp_path, capsys):
    def save(path, number):
        with open(path, "wb") as file:
            Image.new("RGB", (48, 48), (20 * number, 90, 0)).save(file, "PNG")

    folder = write_pictures(tmp_path / "photos", save)
    command = ["exemplars", "--network", "tests.dissect.custom_networks:small", "--layers", "stem"]
    command += ["--images", str(folder), "--top", "9", "--units", "0"]

    main(command)
    table = capsys.readouterr().out
    main([*command, "--format", "json"])
    rows = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["0"]

    stored, shown = zip(*NAMES.values(), strict=True)
    assert {row["image"] for row in rows} == {*stored, DEEP.as_posix()}
    assert len(table.splitlines()) == 1 + 9
    assert all(name in table for name in shown)


def test_what_a_network_prints_is_no_data(capsys):
    line = ["layers", "--network", "tests.dissect.custom_networks:talkative", "--format", "json"]

    assert main(line) == 0

    out = capsys.readouterr()
    assert json.loads(out.out)["layers"][0]["name"] == "stem"
    assert "making a network" in out.err


def test_layers_says_what_the_network_is_fed(capsys):
    assert main(["layers", "--network", "tests.dissect.custom_networks:half"]) == 0

    fed = "shorter side to 48 px (bicubic), the middle 48 x 48 px, RGB, mean 0.5, std 0.5, float16"
    assert f"Fed: {fed}." in capsys.readouterr().err


def test_commands_compute_nothing_themselves():
    """They are shells over the functions of `import dissect`."""
    computing = {"collect", "Passes", "recording", "forward", "select_device", "layer_infos"}
    importing = {
        str(one)
        for one in imports("dissect")
        if one.by.startswith("dissect.commands.") and one.of.rpartition(".")[2] in computing
    }

    assert importing == set()
