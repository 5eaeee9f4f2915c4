"""Features and activations in Neuronpedia's batch layout leave a study and enter another one."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from annotator.models import Exemplar, Study, Unit
from annotator.neuronpedia_layout import decode_batch, encode_batch

pytestmark = pytest.mark.django_db
RANKS = 4
# (layer, unit) to the pictures of its ranks, the scores, and the peak's cells.
UNITS = {
    ("conv1", 0): ([3, 1, 2, 0], [9.5, 7, 7, 0.25], (2, 5)),
    ("conv1", 3): ([5, 4, 0, 1], [4, 3, 2, 1], (0, 1)),
    ("conv2", 1): ([2, 3, 4, 5], [1, 1, 1, 1], (6, 6)),
}


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        coarse = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((64, 64)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def model(photographs, tmp_path):
    """The folder of the one model of an exported study."""
    rows = ["layer,unit,rank,image,score,y,x"]
    for (layer, unit), (places, scores, (y, x)) in UNITS.items():
        for rank, (place, score) in enumerate(zip(places, scores, strict=True), start=1):
            rows.append(f"{layer},{unit},{rank},{place}.png,{score},{y},{x}")
    (tmp_path / "top.csv").write_text("\n".join(rows))
    imported(tmp_path / "top.csv", "first", photographs)
    call_command("results", "first", "--format", "neuronpedia", "--out", str(tmp_path / "np"))
    return tmp_path / "np" / "first-top"


def imported(path, study, images):
    options = ["--images", str(images)] if images else []
    call_command("import_dissection", str(path), "--study", study, *options)


def stored(study):
    """(units, exemplars) by the names that both studies share."""
    units = Unit.objects.filter(layer__network__study__name=study)
    exemplars = Exemplar.objects.filter(unit__in=units, role="top")
    columns = ("unit__layer__name", "unit__number", "rank", "image__path", "score")
    columns += ("peak_y", "peak_x")
    return (
        sorted(units.values_list("layer__name", "number", "maximum", "saturated")),
        sorted(exemplars.values_list(*columns)),
    )


def activation_files(model):
    return sorted(model.glob("*/activations/batch-*.jsonl.gz"))


def change_lines(file, change):
    file.write_bytes(encode_batch(change(decode_batch(file.read_bytes()))))


def test_features_and_activations_come_back_as_they_went_out(model, photographs):
    imported(model, "second", photographs)

    units, exemplars = stored("second")
    assert (units, exemplars) == stored("first")
    assert len(units) == len(UNITS)
    assert len(exemplars) == RANKS * len(UNITS)
    first, second = (Study.objects.get(name=name) for name in ("first", "second"))
    assert first.image_list_sha256 == second.image_list_sha256


def test_what_came_in_goes_out_again_the_same(model, photographs, tmp_path):
    imported(model, "second", photographs)
    again = tmp_path / "again"
    call_command("results", "second", "--format", "neuronpedia", "--out", str(again))

    for kind in ("features", "activations"):
        lines = [
            [
                {
                    name: value
                    for name, value in line.items()
                    if name not in ("id", "modelId", "layer", "sourceSetName", "unitscope")
                }
                | {"peak": line["unitscope"].get("peak"), "rank": line["unitscope"].get("rank")}
                for file in sorted(folder.glob(f"*/{kind}/batch-*.jsonl.gz"))
                for line in decode_batch(file.read_bytes())
            ]
            for folder in (model, *again.glob("second-*"))
        ]
        assert lines[0] == lines[1]


def test_ranks_go_by_values_whatever_the_order_of_lines(model, photographs):
    for file in activation_files(model):
        change_lines(file, lambda lines: sorted(lines, key=lambda line: line["maxValue"]))

    imported(model, "second", photographs)

    scores = Exemplar.objects.filter(unit__layer__network__study__name="second", role="top")
    for _, number, *_ in stored("second")[0]:
        own = scores.filter(unit__number=number).order_by("rank").values_list("score", flat=True)
        assert list(own) == sorted(own, reverse=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"dataSource": "monology/pile-uncopyrighted"},
            "is about monology/pile-uncopyrighted",
        ),
        ({"dataSource": None}, "is about no data set, not about the images of"),
        ({"dataIndex": 6, "tokens": ["image 6"]}, "the list has images 0 to 5"),
        ({"dataIndex": -1}, "is about image -1"),
        ({"tokens": ["The", " cat", " sat"]}, "with the tokens ['The', ' cat', ' sat']"),
        ({"maxValue": "high"}, "maxValue"),
        ({"index": -1}, "index"),
        ({"dataIndex": 1, "tokens": ["image 1"]}, "twice"),
        ({"unitscope": {"peak": [-1, 0]}}, "unitscope"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(model, photographs, change, sentence):
    change_lines(activation_files(model)[0], lambda lines: [lines[0] | change, *lines[1:]])

    with pytest.raises(CommandError) as error:
        imported(model, "second", photographs)

    assert sentence in str(error.value)
    assert not Study.objects.filter(name="second").exists()


def test_a_list_of_images_is_asked_for_and_has_to_be_that_of_the_activations(
    model, photographs, tmp_path
):
    with pytest.raises(CommandError, match="has no pictures: name the list of its images by"):
        imported(model, "second", None)
    (tmp_path / "others").mkdir()
    (photographs / "0.png").rename(tmp_path / "others" / "0.png")
    with pytest.raises(CommandError, match="not about the images of"):
        imported(model, "second", tmp_path / "others")


def test_a_damaged_batch_is_one_sentence(model, photographs):
    file = activation_files(model)[0]
    file.write_bytes(file.read_bytes()[:-6])

    with pytest.raises(CommandError, match=r"batch-0.jsonl.gz is not a gzipped text"):
        imported(model, "second", photographs)
