"""Scenes segmented by named units: every region carries its unit's concept, by weight."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.scene_score import Scores
from dissect.analyses.scene_segmentation import (
    BACKGROUND,
    NamedUnit,
    colour_of,
    concept_weights,
    concepts_of,
    labels_of,
)
from dissect.commands.command_line import main
from dissect.errors import BadSetting
from dissect.front_door.arguments import named_units


def regions(*boxes):
    masks = torch.zeros(len(boxes), 4, 4, dtype=torch.bool)
    for number, (top, left) in enumerate(boxes):
        masks[number, top : top + 2, left : left + 2] = True
    return masks


def test_a_pixel_gets_the_concept_whose_units_weigh_most_together():
    named = [
        NamedUnit("a", 0, "car", 0.9),
        NamedUnit("a", 1, "Dog", 0.5),
        NamedUnit("b", 0, "dog", 0.5),
    ]
    of_layers = {"a": regions((0, 0), (0, 1)), "b": regions((0, 1))}

    concepts = concepts_of(named)
    labels = labels_of(concept_weights(of_layers, named, concepts))

    assert concepts == ("car", "dog")
    # Row 0: car alone; car .9 against dog .5 + .5; dog alone; nothing.
    assert labels[0].tolist() == [0, 1, 1, BACKGROUND]
    assert (labels[2:] == BACKGROUND).all()


def test_forty_concepts_have_forty_colors():
    colours = np.array([colour_of(number) for number in range(40)])

    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)

    assert apart[~np.eye(40, dtype=bool)].min() > 30


def test_scores_agree_with_their_definition():
    rng = np.random.default_rng(1)
    scores, seen = Scores(("car", "dog")), []
    for _ in range(3):
        truth, said = rng.integers(-1, 2, (2, 8, 8))
        known = rng.random((8, 8)) < 0.8
        scores.add(truth, said, known)
        seen.append((truth[known], said[known]))
    truth, said = (np.concatenate(part) for part in zip(*seen, strict=True))

    ious = [
        ((truth == c) & (said == c)).sum() / ((truth == c) | (said == c)).sum() for c in (0, 1, -1)
    ]
    assert scores.accuracy() == pytest.approx((truth == said).mean())
    assert scores.background_accuracy() == pytest.approx((truth == -1).mean())
    assert list(scores.ious().values()) == pytest.approx(ious)
    assert scores.background_mean_iou() == pytest.approx((truth == -1).mean() / 3)


@pytest.fixture
def scenes(tmp_path):
    """Two pictures of a red and a blue box, masks that call them car and sky."""
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(2):
        picture, mask = Image.new("RGB", (64, 64)), Image.new("L", (64, 64))
        for colour, index, left in (("red", 1, 4), ("blue", 2, 34)):
            box = (left, 8, left + 24, 40 + 8 * number)
            picture.paste(colour, box)
            mask.paste(index, box)
        picture.save(tmp_path / "images" / f"{number}.png")
        mask.save(tmp_path / "masks" / f"{number}.png")
    with (tmp_path / "classes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("index", "name"), (1, "car"), (2, "sky"), (3, "tree")])
    return tmp_path


def run(scenes, capsys, units):
    (scenes / "named.json").write_text(json.dumps({"layers": {"see": units}}))
    command = ["scenes", "--network", "tests.dissect.planted:detectors", "--images", str(scenes)]
    main([*command, "--named", str(scenes / "named.json"), "--out", str(scenes / "out"),
          "--format", "json"])  # fmt: skip
    return json.loads(capsys.readouterr().out)


def test_planted_detectors_segment_their_scene(scenes, capsys):
    half = {"threshold": 0.5, "maximum": 1.0}
    said = run(scenes, capsys, {
        "0": {"concept": "Car", "precision": 0.9, **half},
        "2": {"concept": "sky", "precision": 0.8, **half},
        "1": {"concept": "meadow", "precision": 0.8, **half},
    })  # fmt: skip

    assert said["score"]["accuracy"] > 0.95
    assert said["score"]["iou"].keys() == {"car", "sky", "background"}
    assert said["score"]["mean_iou"] > 0.9
    assert said["score"]["background_accuracy"] < 0.7
    assert [one["concept"] for one in said["images"][0]["concepts"]] == ["car", "sky"]
    assert said["concepts"] == {"car": 1, "meadow": 1, "sky": 1}
    with Image.open(said["images"][0]["picture"]) as picture:
        assert picture.width == 448


def test_words_that_masks_lack_are_background(scenes, capsys):
    half = {"threshold": 0.5, "maximum": 1.0}

    said = run(scenes, capsys, {"0": {"concept": "meadow", "precision": 0.9, **half}})

    assert said["score"]["accuracy"] == said["score"]["background_accuracy"] == 1


@pytest.mark.parametrize("text", ["", "[]", '{"layers": {}}', '{"layers": {"see": {"x": 1}}}'])
def test_a_file_of_names_that_makes_no_sense_is_refused(tmp_path, text):
    (tmp_path / "named.json").write_text(text)

    with pytest.raises(BadSetting, match=r"named\.json"):
        named_units(tmp_path / "named.json")
