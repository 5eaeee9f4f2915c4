"""Units that people call by one word: duplicates, or different appearances."""

import json

import numpy as np

from dissect.analyses.unit_similarity import similarity_of
from dissect.commands.command_line import main


def test_units_that_answer_alike_correlate_and_share_their_top_images():
    rng = np.random.default_rng(0)
    base = rng.random(50)
    scores = np.stack([base, 3 * base + 1, -base, rng.random(50), np.ones(50)], axis=1)

    similarity = similarity_of((4, 7, 9, 11, 12), scores, np.arange(50), top=10)

    with np.errstate(invalid="ignore"):
        assert np.allclose(similarity.correlation[:4, :4], np.corrcoef(scores[:, :4].T))
    assert similarity.overlap[0, 1] == 1
    assert similarity.overlap[0, 2] == 0
    assert np.isnan(similarity.correlation[4]).all()


def test_equal_scores_prefer_the_earlier_image():
    similarity = similarity_of(
        (0, 1), np.array([[1.0, 0], [1, 1], [1, 0]]), np.array([0, 1, 2]), top=1
    )

    assert similarity.overlap.tolist() == [[1, 0], [0, 1]]


def test_the_command_prints_each_unit_against_each(tmp_path, capsys):
    from PIL import Image

    for number, colour in enumerate(["red", "lime", "blue", "red"]):
        picture = Image.new("RGB", (64, 64))
        picture.paste(colour, (0, 0, 8 + 8 * number, 20))
        picture.save(tmp_path / f"{number}.png")
    command = ["alike", "--network", "tests.dissect.planted:detectors", "--layers", "see"]

    main([*command, "--images", str(tmp_path), "--units", "0", "2", "--top", "2",
          "--format", "json"])  # fmt: skip

    layer = json.loads(capsys.readouterr().out)["layers"]["see"]
    assert layer["units"] == [0, 2]
    assert layer["overlap"][0][0] == 1
    assert layer["correlation"][0][1] < 0
    assert layer["of"] == 2
