"""IoU of units with concepts, judged by looking at every pixel of every image at once."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from dissect.analyses.net_dissection import half_of, overlaps
from dissect.commands.command_line import main
from dissect.errors import BadSetting, NoGroundTruth
from dissect.format.ground_truth import TRUTH_PX, Concept
from dissect.front_door.arguments import sampled
from dissect.images.image_list import find_images
from dissect.images.masks_and_labels import find_labels, find_truth, images_folder
from dissect.images.preprocessing import Preprocessing
from dissect.networks.registry import load_network
from dissect.topk.batches import Passes
from tests.dissect.planted import BLUE, GREEN, RED, rectangle, save
from tests.dissect.topk.test_collect import all_maps

CPU = torch.device("cpu")
SEES, SMALL = "tests.dissect.planted:detectors", "tests.dissect.custom_networks:small"
COLOURS = [RED, GREEN, BLUE]


def save_mask(folder, name, indices):
    path = folder / "masks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(indices.astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """Red, green and blue boxes, each with the mask of what it is; gray pictures of nothing."""
    folder = tmp_path_factory.mktemp("painted")
    rng = np.random.default_rng(2)
    for number in range(60):
        colour, (left, top) = number % 3, rng.integers(0, 30, 2)
        box = (left, top, left + 30, top + 24)
        save(folder / "images", f"{number:02d}.png", rectangle(COLOURS[colour], box))
        shown = rectangle((1, 1, 1), box)[..., 0]
        save_mask(folder, f"{number:02d}.png", shown * (colour + 1))
    with (folder / "classes.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("index", "name"), (1, "rose"), (2, "leaf"), (3, "sky"), (9, "void")]
        )
    return folder


@pytest.fixture(scope="module")
def noisy(tmp_path_factory, noise_folder):
    """The noise pictures with random masks at two levels, one with unknown pixels."""
    folder = tmp_path_factory.mktemp("noisy")
    (folder / "images").symlink_to(noise_folder)
    rng = np.random.default_rng(3)
    for path in sorted(noise_folder.rglob("*.png")):
        name = path.relative_to(noise_folder)
        blocks = np.kron(rng.integers(0, 4, (6, 8)), np.ones((9, 9)))[:53, :71]
        save_mask(folder, f"thing/{name}", blocks)
        if int(path.stem) % 3:
            save_mask(folder, f"part/{name}", np.where(blocks == 1, 2 * rng.integers(0, 2), 0))
    rows = [("index", "name", "group", "level"), (0, "floor", 3, "thing"), (1, "bed", 5, "thing"),
            (3, "Unlabelled", "", "thing"), (2, "leg", 4, "part")]  # fmt: skip
    with (folder / "classes.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def iou_slowly(network, images, layer, cut, truth):
    """(halves, units, concepts): every pixel of every image at once."""
    maps = all_maps(network, images, layer)
    larger = F.interpolate(maps, (TRUTH_PX, TRUTH_PX), mode="bilinear", align_corners=False)
    regions = (larger > cut[:, None, None]).numpy()
    half = half_of(np.arange(len(images)))
    counts = np.zeros((2, maps.shape[1], len(truth.concepts)))
    for c, concept in enumerate(truth.concepts):
        same_level = [one.index for one in truth.concepts if one.level == concept.level]
        for h in (0, 1):
            both, either = np.zeros(maps.shape[1]), np.zeros(maps.shape[1])
            for place in np.flatnonzero(half == h):
                mask = truth.seen(truth.folder / "images" / images.paths[place], concept.level,
                                  network.preprocessing, TRUTH_PX)  # fmt: skip
                if mask is None or not np.isin(mask, same_level).any():
                    continue
                known = ~np.isin(mask, list(truth.unknown.get(concept.level, ())))
                unit, seen = regions[place] & known, mask == concept.index
                both += (unit & seen).sum(axis=(1, 2))
                either += (unit | seen).sum(axis=(1, 2))
            counts[h, :, c] = both / np.maximum(either, 1)
    return counts


def test_iou_is_that_of_the_slow_definition(noisy):
    network, images = load_network(SMALL), find_images(noisy / "images")
    truth, cut = find_truth(images), torch.full((6,), 0.1)

    counted = overlaps(network, {"stem": cut}, truth, Passes(images, 1, CPU))["stem"]

    wanted = iou_slowly(network, images, "stem", cut, truth)
    assert wanted.max() > 0.1
    for half in (0, 1):
        assert np.allclose(counted.iou([half]), wanted[half])
    for unit, match in enumerate(counted.best()):
        best = int(wanted[0, unit].argmax())
        assert match.concept == truth.concepts[best]
        assert match.chosen == pytest.approx(wanted[0, unit, best])
        assert match.iou == pytest.approx(wanted[1, unit, best])
    some = overlaps(network, {"stem": cut}, truth, Passes(images, 1, CPU), {"stem": [4, 1]})["stem"]
    assert some.best() == [counted.best()[unit] for unit in (4, 1)]


def test_a_sample_of_the_images_is_fixed_and_in_their_order(noisy):
    images = find_images(noisy / "images")

    sample = sampled(images, 5)

    places = [images.paths.index(path) for path in sample.paths]
    assert places == sorted(places)
    assert len(sample) == 5 < len(images)
    assert [sample.file(place) for place in range(5)] == [images.file(place) for place in places]
    assert sampled(images, 5).paths == sample.paths
    assert sampled(images, None) is images
    with pytest.raises(BadSetting, match="--sample must be at least 1, got 0"):
        sampled(images, 0)


def test_planted_detectors_match_what_they_detect(painted, capsys, tmp_path):
    main(["concepts", "--network", SEES, "--layers", "see", "--images", str(painted),
          "--format", "json", "--out", str(tmp_path)])  # fmt: skip

    layer = json.loads(capsys.readouterr().out)["layers"]["see"]
    units = [layer["units"][str(unit)] for unit in range(3)]
    assert [unit["concept"] for unit in units] == ["rose", "leaf", "sky"]
    assert all(unit["iou"] > 0.9 and unit["iou_whole"] > 0.9 for unit in units)
    assert sorted(layer["best"]) == [0, 1, 2]
    with Image.open(layer["sheet"]) as sheet:
        assert sheet.width > 5 * TRUTH_PX


def test_regions_of_planted_detectors_are_written_as_masks(painted, capsys, tmp_path):
    main(["segment", "--network", SEES, "--layers", "see", "--images", str(painted / "images"),
          "--units", "1", "--format", "json", "--out", str(tmp_path)])  # fmt: skip

    rows = json.loads(capsys.readouterr().out)["layers"]["see"]["units"]["1"]["images"]
    assert len(rows) == 60
    for number, row in enumerate(rows):
        with Image.open(row["mask"]) as mask:
            region = np.asarray(mask)
        with Image.open(painted / "masks" / row["image"]) as mask:
            planted = np.asarray(mask) == 2
        assert row["coverage"] == pytest.approx(region.mean())
        if number % 3 == 1:
            assert (region & planted).sum() / (region | planted).sum() > 0.9
            assert (row["y"], row["x"]) == tuple(np.argwhere(planted)[0])
        else:
            assert not region.any()


def test_thresholds_may_come_from_other_images(painted, capsys):
    one = str(painted / "images" / "01.png")
    common = ["segment", "--network", SEES, "--layers", "see", "--images", one, "--units", "0"]

    main([*common, "--over", str(painted / "images"), "--format", "json"])
    printed = json.loads(capsys.readouterr().out)["layers"]["see"]["units"]["0"]

    assert 0.99 < printed["cut"] < 1  # red is 1 elsewhere, and nowhere here
    assert printed["images"][0]["coverage"] == 0


def test_halves_are_fixed_and_about_equal():
    halves = half_of(np.arange(2000))

    assert np.array_equal(halves, half_of(np.arange(2000)))
    assert 900 < halves.sum() < 1100


def test_concepts_are_read_with_their_levels_and_what_is_unknown_is_none(noisy):
    truth = find_truth(find_images(noisy / "images"))

    floor, bed = Concept("thing", 0, "floor", 3), Concept("thing", 1, "bed", 5)
    assert truth.concepts == (floor, bed, Concept("part", 2, "leg", 4))
    assert truth.unknown == {"thing": frozenset({3})}
    assert truth.levels == ("thing", "part")


def test_a_mask_is_seen_as_the_network_sees_its_image(tmp_path):
    save(tmp_path / "images", "wide.png", np.zeros((40, 80, 3), np.uint8))
    indices = np.tile(np.arange(80), (40, 1))
    save_mask(tmp_path, "wide.png", indices)
    (tmp_path / "classes.csv").write_text("index,name\n40,middle\n")
    truth = find_truth(find_images(tmp_path / "images"))

    seen = truth.seen(tmp_path / "images" / "wide.png", "", Preprocessing(resize=40, crop=20), 20)

    assert np.array_equal(seen, indices[10:30, 30:50])
    assert truth.seen(tmp_path / "images" / "none.png", "", Preprocessing(), 20) is None


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("name\nbed\n", "needs columns index .* it has name"),
        ("index,name\n70000,bed\n", "needs columns index"),
        ("index,name\nx,bed\n", "needs columns index"),
        ("index,name\n0,void\n", "names no concepts"),
        ("", "names no concepts"),
    ],
)
def test_tables_that_make_no_sense_are_refused_with_a_sentence(tmp_path, table, says):
    save(tmp_path / "images", "a.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "masks").mkdir()
    (tmp_path / "classes.csv").write_text(table)

    with pytest.raises(NoGroundTruth, match=says):
        find_truth(find_images(tmp_path / "images"))


def test_masks_in_color_or_broken_are_refused_with_a_sentence(painted, tmp_path):
    save(tmp_path / "images", "a.png", np.zeros((8, 8, 3), np.uint8))
    save(tmp_path / "masks", "a.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "classes.csv").write_text("index,name\n1,bed\n")
    truth, path = find_truth(find_images(tmp_path / "images")), tmp_path / "images" / "a.png"

    with pytest.raises(NoGroundTruth, match="is RGB, not one channel of indices"):
        truth.seen(path, "", Preprocessing(), 8)
    (tmp_path / "masks" / "a.png").write_bytes(b"no picture")
    with pytest.raises(NoGroundTruth, match="cannot be read"):
        truth.seen(path, "", Preprocessing(), 8)


def test_one_half_without_masks_is_refused_with_a_sentence(painted):
    images = find_images(painted / "images" / "03.png")
    network, truth = load_network(SEES), find_truth(images)

    with pytest.raises(NoGroundTruth, match="has 1 images with masks; one at least is needed"):
        overlaps(network, {"see": torch.zeros(3)}, truth, Passes(images, 1, CPU))


def test_folders_without_masks_say_where_masks_are_looked_for(noise_folder, capsys):
    assert main(["concepts", "--network", SMALL, "--layers", "stem",
                 "--images", str(noise_folder)]) == 1  # fmt: skip

    assert "has no masks: they are looked for in DIR/masks" in capsys.readouterr().err


def test_labels_are_an_index_before_a_name_and_paths_may_leave_out_images(tmp_path):
    save(tmp_path / "images" / "x", "a.png", np.zeros((8, 8, 3), np.uint8))
    images = find_images(images_folder(tmp_path))
    (tmp_path / "classes.csv").write_text("")
    assert images_folder(tmp_path) == tmp_path / "images"
    path = tmp_path / "images" / "x" / "a.png"
    images = find_images(tmp_path / "images")

    assert find_labels(images) == {}
    (tmp_path / "labels.csv").write_text("path,kind,class\nx/a.png,scene,bed\n")
    assert find_labels(images) == {path: "bed"}
    (tmp_path / "labels.csv").write_text("file,class,places365_index\nimages/x/a.png,bed,45\n")
    assert find_labels(images) == {path: "45"}
    (tmp_path / "labels.csv").write_text("one,two\n1,2\n")
    with pytest.raises(NoGroundTruth, match="needs a column file or path"):
        find_labels(images)
