"""Minimal images judged by their definition: try every removal, take the least harm, repeat."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.__main__ import main
from dissect.analyses.minimal_image import (
    MinimalImage,
    RandomRemovals,
    filler,
    minimal_image,
    random_removals,
    renumbered,
    superpixels,
)
from dissect.analyses.remaining_concepts import concept_frequencies, remains_of
from dissect.errors import BadSetting
from dissect.format.ground_truth import Concept
from dissect.networks.classes import class_index, probabilities
from dissect.networks.registry import load_network
from tests.dissect.planted import BLUE, GREEN, RED, rectangle, save

SEES = "tests.dissect.planted:detectors"
COMMAND = ["minimal-image", "--network", SEES, "--draws", "20", "--images"]


@pytest.fixture(scope="module")
def network():
    return load_network(SEES)


def quarters():
    """64 x 64 px: four quarters, renumbered row by row."""
    half = np.arange(64) // 32
    return (2 * half[:, None] + half).astype(np.int64)


def scene():
    """Upper left red, upper right a smaller red, lower left blue, lower right black."""
    picture = rectangle(RED, (0, 0, 32, 32))
    picture += rectangle(RED, (32, 0, 48, 32)) + rectangle(BLUE, (0, 32, 24, 64))
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())


def minimal_slowly(network, pixels, segments, label):
    """(steps, kept): one candidate at a time."""
    gone, steps = [], []
    while len(gone) <= segments.max():
        tried = {}
        for segment in set(range(segments.max() + 1)) - set(gone):
            without = pixels.clone()
            without[:, np.isin(segments, [*gone, segment])] = 0
            tried[segment] = probabilities(network, without[None])[0]
        chosen = max(sorted(tried), key=lambda segment: float(tried[segment][label]))
        steps.append((chosen, float(tried[chosen][label])))
        if int(tried[chosen].argmax()) != label:
            break
        gone.append(chosen)
    return steps, ~np.isin(segments, gone)


def test_segments_go_in_the_order_of_least_harm_until_the_class_flips(network):
    pixels = scene()

    minimal = minimal_image(network, pixels, quarters(), 0)

    # Without blue red is surer; then black changes nothing; then the smaller red; then red is gone.
    assert [step.segment for step in minimal.steps[:2]] == [2, 3]
    assert [step.segment for step in minimal.steps[2:]] == [1, 0]


def test_a_minimal_image_is_that_of_the_slow_definition():
    network = load_network("tests.dissect.custom_networks:small")
    generator = torch.Generator().manual_seed(4)
    pixels = torch.randint(0, 256, (3, 48, 48), dtype=torch.uint8, generator=generator)
    segments = superpixels(pixels, 12)
    label = int(probabilities(network, pixels[None]).argmax())
    network.model.head.bias.data[(label + 1) % 4] += 0.03  # so that it can flip

    minimal = minimal_image(network, pixels, segments, label)

    steps, kept = minimal_slowly(network, pixels, segments, label)
    assert [step.segment for step in minimal.steps] == [segment for segment, _ in steps]
    assert [s.probability for s in minimal.steps] == pytest.approx([p for _, p in steps], abs=1e-5)
    assert np.array_equal(minimal.kept, kept)
    assert minimal.flipped_at in (None, len(steps))


def test_what_is_left_still_holds_and_the_next_step_flips(network):
    pixels = scene().flip(0)  # blue for red: on black red is the first of three equals

    minimal = minimal_image(network, pixels, quarters(), 2)

    assert minimal.flipped_at == len(minimal.steps)
    shown = torch.where(torch.from_numpy(minimal.kept), pixels, 0)
    assert int(probabilities(network, shown[None]).argmax()) == 2
    without = minimal.kept & (quarters() != minimal.steps[-1].segment)
    flipped = torch.where(torch.from_numpy(without), pixels, 0)
    assert int(probabilities(network, flipped[None]).argmax()) != 2
    assert minimal.kept_share == minimal.kept.mean()


def test_a_class_that_holds_without_any_segment_never_flips(network):
    minimal = minimal_image(network, scene(), quarters(), 0)

    assert minimal.flipped_at is None  # red is the first of three equals on black
    assert minimal.kept_share == 0.0
    assert len(minimal.steps) == 4


def test_a_wrongly_classified_image_is_refused(network):
    with pytest.raises(BadSetting, match="says class 0, not 2"):
        minimal_image(network, scene(), quarters(), 2)


def test_random_removals_take_about_the_same_area_and_hang_on_their_seed(network):
    kept = quarters() != 3
    minimal = MinimalImage(0, 0.9, (), None, kept)

    first = random_removals(network, scene(), quarters(), minimal, draws=40)
    again = random_removals(network, scene(), quarters(), minimal, draws=40)

    assert np.array_equal(first.kept, again.kept)
    assert first.kept.mean(axis=(1, 2)).tolist() == [0.75] * 40
    assert len({one.tobytes() for one in first.kept}) == 4
    for shown, said, held in zip(first.kept, first.probability, first.held, strict=True):
        one = probabilities(network, torch.where(torch.from_numpy(shown), scene(), 0)[None])[0]
        assert said == pytest.approx(float(one[0]), abs=1e-6)
        assert held == (int(one.argmax()) == 0)


def test_superpixels_end_at_edges_and_have_no_gaps_in_their_numbers():
    picture = rectangle(GREEN, (13, 7, 50, 41))

    segments = superpixels(torch.from_numpy(picture.transpose(2, 0, 1).copy()), 16)

    assert sorted(set(segments.ravel().tolist())) == list(range(segments.max() + 1))
    assert 8 <= segments.max() + 1 <= 24
    inside = (picture[..., 1] > 0)[1:-1, 1:-1]
    for segment in range(segments.max() + 1):
        share = inside[segments[1:-1, 1:-1] == segment].mean()
        assert min(share, 1 - share) < 0.25  # a pixel of edge belongs to either side


def test_labels_are_numbered_in_their_order():
    assert renumbered(np.array([[7, 3], [7, 200]])).tolist() == [[1, 0], [1, 2]]


@pytest.mark.parametrize("fill", ["zero", "mean", "random", "blur"])
def test_removed_segments_are_filled_with_what_is_said(fill):
    filled = filler(scene(), fill)

    assert filled.shape == (3, 64, 64)
    if fill == "mean":
        red = round(255 * (32 * 32 + 16 * 32) / 4096)
        assert filled[0].unique().tolist() == [red]
    elif fill == "zero":
        assert not filled.any()
    elif fill == "random":
        assert torch.equal(filled, filler(scene(), fill))
        assert 110 < filled.float().mean() < 145
    else:
        assert filled[0].float().std() < scene()[0].float().std()


def test_a_concept_remains_when_half_of_its_pixels_are_kept():
    kept = np.zeros((4, 4), dtype=bool)
    kept[:2] = True
    draws = np.stack([np.ones((4, 4), bool), np.zeros((4, 4), bool), kept])
    random = RandomRemovals(draws, np.zeros(3, np.float32), np.zeros(3, bool))
    minimal = MinimalImage(0, 1.0, (), 1, kept)
    column, lowest = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    column[:, 0], lowest[3] = True, True

    half, none = remains_of(minimal, random, column), remains_of(minimal, random, lowest)

    assert (half.kept, half.remains, half.random_remains) == (0.5, 1.0, 2 / 3)
    assert (none.kept, none.remains, none.random_kept) == (0.0, 0.0, 1 / 3)
    bed, rug = Concept("", 1, "bed"), Concept("", 2, "rug")
    often = concept_frequencies([{bed: half, rug: none}, {bed: none}, {rug: half}, {rug: half}])
    assert [(one.concept.name, one.image_count) for one in often] == [("rug", 3), ("bed", 2)]
    assert often[0].mean.remains == pytest.approx(2 / 3)


@pytest.fixture
def folder(tmp_path):
    """Red and blue pictures with masks and labels; one of them labelled wrongly, one not at all."""
    images = tmp_path / "images"
    for name, colour in [("a", RED), ("b", RED), ("c", BLUE), ("d", BLUE)]:
        save(images, f"{name}.png", rectangle(colour, (0, 0, 32, 64)))
        mask = np.zeros((64, 64), dtype=np.uint8)
        mask[:, :32] = 1
        mask[:, 32:] = 2
        (tmp_path / "masks").mkdir(exist_ok=True)
        Image.fromarray(mask).save(tmp_path / "masks" / f"{name}.png")
    (tmp_path / "classes.csv").write_text("index,name\n1,paint\n2,dark\n3,nowhere\n")
    (tmp_path / "labels.csv").write_text("file,class\nimages/a.png,red\nb.png,green\nc.png,2\n")
    return tmp_path


def test_minimal_images_of_a_folder_say_what_remains_by_class(folder, capsys):
    main([*COMMAND, str(folder), "--segments", "masks", "--format", "json",
          "--out", str(folder / "out")])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert [(one["image"], one["class"], one["labelled"]) for one in printed["images"]] == [
        ("c.png", "blue", True), ("d.png", "blue", False),
    ]  # fmt: skip
    assert [one["image"] for one in printed["skipped"]] == ["a.png"]
    assert printed["wrong"] == [{"image": "b.png", "says": "red"}]
    assert printed["wrong_count"] == 1
    blue = printed["images"][0]
    assert [step["segment"] for step in blue["steps"]] == [1, 0]
    assert (blue["flipped_at"], blue["kept_share"]) == (2, 0.5)
    paint, dark = printed["classes"]["blue"]
    assert (paint["concept"], paint["remains"], paint["image_count"]) == ("paint", 1.0, 2)
    assert (dark["concept"], dark["remains"]) == ("dark", 0.0)
    assert 0 < paint["random_remains"] < 1
    with Image.open(folder / "out" / "000002.png") as left:
        assert left.getpixel((10, 10)) == (0, 0, 255, 255)
        assert left.getpixel((50, 10))[3] == 0


def test_a_table_of_minimal_images_ends_with_the_share_that_is_left(folder, capsys):
    main([*COMMAND, str(folder), "--segments", "masks"])

    said = capsys.readouterr().out
    assert "2 images: of the area 50% is left in the median, 50% to 50%; removed at random" in said


def test_one_image_prints_its_own_keys(folder, capsys):
    main([*COMMAND, str(folder / "images" / "c.png"), "--class", "blue", "--count", "9",
          "--format", "json"])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert {"class", "kept_share", "steps", "flipped_at", "random", "labelled"} <= printed.keys()
    assert set(printed["steps"][0]) == {"segment", "probability"}
    assert printed["random"]["draws"] == 20


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--class", "purple"], "has no class named 'purple'."),
        (["--class", "blu"], "Did you mean blue?"),
        (["--class", "3"], "has classes 0 to 2, not 3."),
        (["--class", "green"], "There is no minimal image: the network says red."),
        (["--segments", "tiles"], "superpixels, masks or masks:LEVEL, not 'tiles'"),
        (["--segments", "masks:part"], "The masks have no level 'part'"),
        (["--count", "1"], "at least 2 segments, not 1"),
        (["--draws", "0"], "--draws must be at least 1"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(folder, capsys, more, says):
    assert main([*COMMAND, str(folder / "images" / "a.png"), *more]) == 1

    assert says in capsys.readouterr().err


def test_a_fill_that_the_network_takes_for_the_class_is_refused(folder, capsys):
    red = str(folder / "images" / "a.png")  # on black red is the first of three equals

    assert main([*COMMAND, red]) == 1
    assert "takes the fill alone (zero) for red" in capsys.readouterr().err
    assert main([*COMMAND, red, "--fill", "mean"]) == 1  # its mean color is red too
    assert main([*COMMAND, str(folder / "images" / "c.png")]) == 0


def test_right_images_are_chosen_of_classes_that_the_fill_does_not_give(folder, capsys):
    main([*COMMAND, str(folder), "--right", "2", "--count", "9", "--format", "json"])

    printed = json.loads(capsys.readouterr().out)
    assert [one["image"] for one in printed["images"]] == ["c.png"]  # d.png has no label
    assert printed["chosen"] == {
        "labelled": True, "looked_at": 3, "wrong": 1, "refused": 1, "unreadable": 0,
    }  # fmt: skip


def test_masks_that_are_not_there_are_asked_for_with_a_sentence(tmp_path, capsys):
    save(tmp_path, "a.png", rectangle(RED, (0, 0, 32, 64)))

    assert main([*COMMAND, str(tmp_path), "--segments", "masks"]) == 1

    assert "has no masks: they are looked for in DIR/masks" in capsys.readouterr().err


def test_classes_without_names_are_given_by_index():
    network = load_network("tests.dissect.custom_networks:small")

    assert class_index(network, "3") == 3
    with pytest.raises(BadSetting, match="no names for its 4 classes; give an index"):
        class_index(network, "tabby")
