"""The images that an analysis starts from: right, of several classes, and the same every time."""

import json

import pytest

from dissect.analyses import right_images as module
from dissect.analyses.right_images import right_images
from dissect.commands.command_line import main
from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from tests.dissect.planted import BLUE, GREEN, RED, rectangle, save

SEES = "tests.dissect.planted:detectors"


@pytest.fixture(scope="module")
def network():
    return load_network(SEES)


@pytest.fixture
def folder(tmp_path):
    """Four pictures a color; the labels of the first of each color are wrong."""
    lines = ["file,class"]
    for color, value in {"red": RED, "green": GREEN, "blue": BLUE}.items():
        for number in range(4):
            save(tmp_path / "images", f"{color}{number}.png", rectangle(value, (0, 0, 40, 64)))
            label = color if number else ("green" if color == "red" else "red")
            lines.append(f"{color}{number}.png,{label}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    return tmp_path


def chosen_paths(network, folder, *arguments, **options):
    images = find_images(folder / "images")
    chosen = right_images(network, images, *arguments, **options)
    return [images.paths[place] for place in chosen.places], chosen


def test_only_images_that_the_network_gets_right_are_chosen_each_of_another_class(network, folder):
    paths, chosen = chosen_paths(network, folder, 3)

    assert [path[:-5] for path in paths] == ["red", "green", "blue"]  # by class
    assert not any(path.endswith("0.png") for path in paths)
    assert chosen.labelled
    assert chosen_paths(network, folder, 3)[0] == paths


def test_so_many_of_a_class_are_chosen_and_no_class_is_cut_short(network, folder):
    paths, _ = chosen_paths(network, folder, 4, per_class=2)

    assert sorted({path[:-5] for path in paths}) == sorted({path[:-5] for path in paths[::2]})
    assert len(paths) == 4
    assert paths[0][:-5] == paths[1][:-5] != paths[2][:-5] == paths[3][:-5]


def test_what_the_caller_does_not_accept_is_counted(network, folder):
    def is_not_red(pixels, best, probability):
        assert 0 < probability <= 1
        return best != 0

    paths, chosen = chosen_paths(network, folder, 3, accepts=is_not_red)

    assert [path[:-5] for path in paths] == ["green", "blue"]
    assert (chosen.looked_at, chosen.wrong, chosen.refused) == (12, 3, 3)


def test_without_labels_the_networks_own_best_class_is_right(network, folder):
    (folder / "labels.csv").unlink()

    paths, chosen = chosen_paths(network, folder, 3)

    assert len(paths) == 3
    assert (chosen.labelled, chosen.wrong) == (False, 0)


def test_no_right_image_is_one_sentence(network, folder):
    (folder / "labels.csv").write_text("file,class\nred0.png,blue\n")

    with pytest.raises(ImagesError, match="classifies none of 1 images"):
        chosen_paths(network, folder, 1)


def test_a_long_list_is_looked_at_only_in_part(network, folder, monkeypatch):
    monkeypatch.setattr(module, "MAX_LOOKED_AT", 4)

    assert chosen_paths(network, folder, 12, per_class=4)[1].looked_at == 4


@pytest.mark.parametrize("command", [["occlusion", "--stride", "32"], ["activations"]])
def test_commands_start_from_a_right_image(folder, capsys, command):
    layers = ["--layers", "see"] if command[0] == "activations" else []
    images = ["--images", str(folder / "images")]

    main([*command, "--network", SEES, *images, *layers, "--right", "1", "--format", "json"])

    printed = json.loads(capsys.readouterr().out)
    assert not printed["image"].endswith("0.png")
    assert printed["chosen"]["labelled"]
