"""Commands answer wrong input with one sentence on stderr, and nothing on stdout."""

import pytest

from dissect.commands.command_line import main

SMALL = (
    "tests.dissect.custom_networks:small"  # layers stem, deep and head; four classes without names
)
SHRINKING = "tests.dissect.transformers:shrinking"  # needs more than the 8 px that it takes in
LAYERS = {
    "activations", "alike", "compare", "exemplars", "filters", "receptive-field", "rotations",
    "segment",
}  # fmt: skip
NO_IMAGES = {"filters", "layers"}
COMMANDS = LAYERS | NO_IMAGES | {"minimal-image", "occlusion"}


def asked(command, folder, network=SMALL, layer="deep", **options):
    """A right command line, but for what a test changes."""
    line = [command, *(["--network", network] * (2 if command == "compare" else 1))]
    if command in LAYERS:
        line += ["--layers", layer]
    if command not in NO_IMAGES:
        line += ["--images", str(folder)]
    if command == "activations":
        line += ["--image", str(next(folder.rglob("*.png")))]
    if command in ("alike", "exemplars", "compare"):
        line += ["--top", "3"]
    if command == "compare":
        line += ["--overlap", "3"]
    if command == "receptive-field":
        line += ["--top-images", "3"]
    if command in ("filters", "activations", "compare", "occlusion", "segment", "rotations"):
        line += ["--out", str(folder.parent / "out")]
    for name, value in options.items():
        line += [f"--{name.replace('_', '-')}", str(value)]
    return line


def says_in_one_sentence(line, capsys):
    assert main(line) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1, captured.err
    return captured.err


@pytest.mark.parametrize("command", sorted(COMMANDS - {"filters"}))
def test_a_network_that_needs_larger_images(command, noise_folder, capsys):
    line = asked(command, noise_folder, network=SHRINKING, layer="layers.1")

    said = says_in_one_sentence(line, capsys)

    small = "sees 8 px" if command == "occlusion" else "cannot take images of (3, 8, 8)"
    assert small in said


@pytest.mark.parametrize("command", sorted(LAYERS))
def test_a_layer_that_does_not_exist(command, noise_folder, capsys):
    line = asked(command, noise_folder, layer="deeep")

    assert "Did you mean deep" in says_in_one_sentence(line, capsys)


@pytest.mark.parametrize("command", ["occlusion", "minimal-image"])
@pytest.mark.parametrize(("name", "says"), [("door", "'door'"), ("4", "classes 0 to 3, not 4")])
def test_a_class_that_does_not_exist(command, name, says, noise_folder, capsys):
    line = asked(command, noise_folder, **{"class": name})

    assert says in says_in_one_sentence(line, capsys)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("alike", {"top": 71}),
        ("exemplars", {"top": 71}),
        ("compare", {"top": 71}),
        ("receptive-field", {"top_images": 71}),
    ],
)
def test_more_top_images_than_there_are_images(command, options, noise_folder, capsys):
    line = asked(command, noise_folder, **options)

    assert "70" in says_in_one_sentence(line, capsys)


@pytest.mark.parametrize("command", ["receptive-field", "filters"])
def test_a_layer_without_space_where_space_is_measured(command, noise_folder, capsys):
    line = asked(command, noise_folder, layer="head")

    says_in_one_sentence(line, capsys)


@pytest.mark.parametrize(
    "command", ["activations", "alike", "exemplars", "receptive-field", "segment"]
)
def test_a_unit_that_a_layer_does_not_have(command, noise_folder, capsys):
    line = asked(command, noise_folder, units=8)

    assert "units 0 to 7, not 8" in says_in_one_sentence(line, capsys)
