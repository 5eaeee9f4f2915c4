"""The command minimal-image: what it prints and writes for a folder of images, and refuses."""

import json

import numpy as np
import pytest
from PIL import Image

from dissect.commands.command_line import main
from tests.dissect.planted import BLUE, RED, rectangle, save

SEES = "tests.dissect.planted:detectors"
COMMAND = ["minimal-image", "--network", SEES, "--draws", "20", "--images"]


@pytest.fixture
def folder(tmp_path):
    """Red and blue pictures with masks and labels; one of them labeled wrongly, one not at all."""
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
    assert (
        "2 images: a median of 50% of the area is left (50% to 50%). Random removal to the same"
        in said
    )


def test_one_image_prints_its_own_keys(folder, capsys):
    main([*COMMAND, str(folder / "images" / "c.png"), "--class", "blue", "--count", "9",
          "--segments", "superpixels", "--format", "json"])  # fmt: skip

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
        (["--segments", "tiles"], "edges-regions, superpixels, masks or masks:LEVEL, not 'tiles'"),
        (["--segments", "masks:part"], "The masks have no level 'part'"),
        (["--count", "1"], "at least 2 segments, not 1"),
        (["--draws", "0"], "--draws must be at least 1"),
        (["--exchanges", "-1"], "--exchanges must be at least 0, got -1."),
        (["--segments", "superpixels:part"], "masks:LEVEL, not 'superpixels:part'"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(folder, capsys, more, says):
    assert main([*COMMAND, str(folder / "images" / "a.png"), *more]) == 1

    assert says in capsys.readouterr().err


def test_a_fill_that_the_network_takes_for_the_class_is_refused(folder, capsys):
    red = str(folder / "images" / "a.png")  # on black red is the first of three equals

    assert main([*COMMAND, red, "--segments", "superpixels"]) == 1
    assert "takes the fill alone (zero) for red" in capsys.readouterr().err
    assert main([*COMMAND, red, "--fill", "mean"]) == 1  # its mean color is red too
    assert main([*COMMAND, red]) == 1  # and that of its border
    assert "takes the fill alone (gradient) for red" in capsys.readouterr().err
    assert main([*COMMAND, str(folder / "images" / "c.png"), "--fill", "zero"]) == 0


def test_right_images_are_chosen_of_classes_that_the_fill_does_not_give(folder, capsys):
    main([*COMMAND, str(folder), "--right", "2", "--count", "9", "--fill", "zero",
          "--format", "json"])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert [one["image"] for one in printed["images"]] == ["c.png"]  # d.png has no label
    assert printed["chosen"] == {
        "labelled": True, "looked_at": 3, "wrong": 1, "refused": 1, "unreadable": 0,
    }  # fmt: skip


def test_masks_that_are_not_there_are_asked_for_with_a_sentence(tmp_path, capsys):
    save(tmp_path, "a.png", rectangle(RED, (0, 0, 32, 64)))

    assert main([*COMMAND, str(tmp_path), "--segments", "masks"]) == 1

    assert "has no masks: they are looked for in DIR/masks" in capsys.readouterr().err


@pytest.fixture
def framed(tmp_path):
    """Colored boxes on gray, which no class is: two red ones and a blue one."""
    for name, colour in [("a", RED), ("b", RED), ("c", BLUE)]:
        picture = rectangle(colour, (16, 16, 48, 48))
        picture[~picture.any(axis=2)] = 90
        save(tmp_path, f"{name}.png", picture)
    return tmp_path


FRAMED = ["--network", "tests.dissect.planted:unsure", "--draws", "3", "--count", "8"]


def test_by_default_edges_and_regions_go_with_their_gradients(framed, capsys):
    main(["minimal-image", *FRAMED, "--images", str(framed), "--format", "json",
          "--out", str(framed / "out")])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert [one["class"] for one in printed["images"]] == ["red", "red", "blue"]
    for one in printed["images"]:
        assert one["fill"] == "gradient"
        assert one["exchanges"]["ended"] == "fixed point"
        assert one["kept_share"] <= one["greedy"]["kept_share"]
        with Image.open(one["picture"]) as left:
            assert left.mode == "RGB"  # what the network saw: nothing is cut out
            middle, corner = left.getpixel((32, 32)), left.getpixel((2, 2))
        assert corner == pytest.approx((90, 90, 90), abs=20)
        assert max(middle) > 150  # the box is what holds the class


def test_pairs_of_an_image_and_what_is_left_are_a_sheet_in_rows_by_class(framed, capsys):
    main(["minimal-image", *FRAMED, "--images", str(framed), "--format", "json",
          "--out", str(framed / "out")])  # fmt: skip

    sheet = json.loads(capsys.readouterr().out)["sheet"]
    svg = (framed / "out" / "minimal-images.svg").read_text()
    assert [svg.count(f">{name}</text>") for name in ("red", "blue", "green")] == [1, 1, 0]
    with Image.open(sheet) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    colours = {"red": 0, "blue": 2}
    rows = {name: pixels[..., c] - pixels[..., 1] > 100 for name, c in colours.items()}
    red, blue = (np.flatnonzero(rows[name].any(axis=1)) for name in ("red", "blue"))
    assert red.max() < blue.min()  # one row below the other
    assert _runs(rows["red"].any(axis=0)) == 4  # two pairs
    assert _runs(rows["blue"].any(axis=0)) == 2  # one pair: the original and what is left


def _runs(line: np.ndarray) -> int:
    return int((np.diff(np.concatenate([[False], line, [False]]).astype(int)) == 1).sum())


def test_a_table_gives_both_results_and_what_ended_the_search(framed, capsys):
    main(["minimal-image", *FRAMED, "--images", str(framed), "--exchanges", "0"])

    said = capsys.readouterr().out
    assert "greedy kept" in said
    assert "ended by" in said
    assert said.count("budget") == 3
    assert "exchanges are of one for one only" not in said  # of eight segments


def test_with_many_segments_nothing_is_claimed_to_be_the_least(framed, capsys):
    main(["minimal-image", *FRAMED[:-1], "30", "--images", str(framed / "a.png")])

    said = capsys.readouterr().out
    assert "exchanges are of one for one only. Less may be enough for the class" in said
