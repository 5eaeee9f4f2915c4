"""What the masks beside a folder of images say."""

import numpy as np
import pytest
from PIL import Image

from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import (
    NO_CONCEPT,
    Concept,
    ground_truth_of,
    mask_name,
    read_labels,
)
from dissect.format.picture_list import View

WHOLE = View(resize=8, crop=8)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    (tmp_path / "classes.csv").write_text("index,name,area\n0,sky,5\n1,car,2\n2,void,1\n")
    return tmp_path


def save(path, indices):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(indices, dtype=np.uint8)).save(path)


def names(truth, labels):
    return np.vectorize(lambda number: truth.labels[number].name)(labels)


def test_a_named_class_is_a_label_even_at_index_nought(folder):
    save(folder / "masks" / "a" / "b.png", np.repeat([[0, 1]], 8, 0).repeat(4, 1))

    truth = ground_truth_of(str(folder / "images"))

    labels = names(truth, truth.label_maps("a/b", WHOLE, 8)[:, :, 0])
    assert set(labels[:, :4].ravel()) == {"sky"}
    assert set(labels[:, 4:].ravel()) == {"car"}
    assert truth.labels[:2] == (NO_CONCEPT, Concept("", 0, "sky", 5))


@pytest.mark.parametrize("index", [2, 3, 255])
def test_void_and_unnamed_indices_are_never_concepts(folder, index):
    save(folder / "masks" / "a.png", np.full((8, 8), index))

    assert not ground_truth_of(str(folder)).label_maps("a", WHOLE, 8).any()


def test_several_levels_have_masks_and_groups_of_their_own(folder):
    (folder / "classes.csv").write_text(
        "index,name,group,level\n1,red,1,color\n1,bed,5,object\n2,sofa,5,object\n"
    )
    save(folder / "masks" / "color" / "a.png", np.full((8, 8), 1))
    save(folder / "masks" / "object" / "a.png", np.full((8, 8), 2))

    truth = ground_truth_of(str(folder))

    assert truth.levels == ("color", "object")
    assert names(truth, truth.label_maps("a", WHOLE, 2))[0, 0].tolist() == ["red", "sofa"]
    assert [label.group for label in truth.labels[1:]] == [1, 5, 5]


def test_the_folder_of_images_and_the_one_that_holds_it_are_both_a_source(folder):
    save(folder / "masks" / "a.png", np.full((8, 8), 1))

    within, around = ground_truth_of(str(folder / "images")), ground_truth_of(str(folder))

    assert within.names() == around.names() == ["a"]
    assert mask_name("images/x/a.b.jpg") == mask_name("x/a.b.png") == "x/a.b"


def test_an_image_without_a_mask_shows_nothing(folder):
    assert not ground_truth_of(str(folder)).label_maps("missing", WHOLE, 4).any()


@pytest.mark.parametrize(("width", "height"), [(341, 256), (256, 341), (128, 128), (97, 61)])
def test_maps_are_what_the_network_saw(folder, width, height):
    """Resize the shorter side, crop the center: the slow way, on a picture of coordinates."""
    save(folder / "masks" / "a.png", np.arange(width)[None].repeat(height, 0) * 250 // width)
    rows = [f"{index},c{index}" for index in range(250)]
    (folder / "classes.csv").write_text("\n".join(["index,name", *rows]))
    scale = 256 / min(width, height)
    size = (round(width * scale), round(height * scale))
    with Image.open(folder / "masks" / "a.png") as mask:
        resized = mask.resize(size, Image.Resampling.NEAREST)
    left, top = (size[0] - 224) // 2, (size[1] - 224) // 2
    seen = np.asarray(resized.crop((left, top, left + 224, top + 224)))

    labels = ground_truth_of(str(folder)).label_maps("a", View(256, 224), 224)[:, :, 0]

    # Concept numbers are indices + 1 here; rounding may move a border by a pixel.
    assert np.abs(labels.astype(int) - 1 - seen).max() <= max(1, 250 // width + 1)
    assert np.abs(labels.astype(int) - 1 - seen).mean() < 1


def test_a_source_without_masks_is_told_what_is_missing(tmp_path):
    with pytest.raises(NoGroundTruth, match="has no ground truth.*classes.csv and masks/"):
        ground_truth_of(str(tmp_path))


@pytest.mark.parametrize("text", ["name\nsky\n", "index,name\nx,sky\n", "index,name\n0,void\n"])
def test_a_table_of_classes_that_makes_no_sense_is_named(folder, text):
    (folder / "classes.csv").write_text(text)

    with pytest.raises(NoGroundTruth, match="classes.csv"):
        ground_truth_of(str(folder))


def test_a_colored_mask_is_refused(folder):
    save(folder / "masks" / "a.png", np.zeros((8, 8, 3)))

    with pytest.raises(NoGroundTruth, match="is RGB, not one channel of indices"):
        ground_truth_of(str(folder)).label_maps("a", WHOLE, 4)


def test_masks_of_sixteen_bits_have_indices_above_255(folder):
    (folder / "classes.csv").write_text("index,name\n300,oven\n65535,lamp\n")
    Image.fromarray(np.array([[300, 65535], [0, 255]], np.uint16)).save(folder / "masks/a.png")
    view = View(resize=2, crop=2)

    truth = ground_truth_of(str(folder))

    assert truth.label_maps("a", view, 2)[:, :, 0].tolist() == [[1, 2], [0, 0]]
    assert truth.seen(folder / "images/a.jpg", "", view, 2).tolist() == [[300, 65535], [0, 255]]


def test_what_is_seen_and_the_labels_are_of_the_same_cells(folder):
    rows = [f"{index},c{index}" for index in range(250)]
    (folder / "classes.csv").write_text("\n".join(["index,name", *rows]))
    indices = np.random.default_rng(0).integers(0, 250, (61, 97))
    save(folder / "masks" / "a.png", indices)
    truth, view = ground_truth_of(str(folder)), View(64, 56)

    seen = truth.seen(folder / "images" / "a.jpg", "", view, 28)

    assert np.array_equal(truth.label_maps("a", view, 28)[:, :, 0], seen + 1)


@pytest.mark.parametrize(("size", "crop"), [((97, 61), 56), ((61, 97), 64), ((300, 256), 30)])
def test_a_view_samples_as_pillow_does_with_its_box(size, crop):
    cells = np.random.default_rng(0).integers(0, 256, size[::-1], dtype=np.uint8)
    view = View(64, crop)

    sampled = view.sampled(cells, 32)

    picture = Image.fromarray(cells)
    slowly = picture.resize((32, 32), Image.Resampling.NEAREST, box=view.box(*size))
    assert np.array_equal(sampled, np.asarray(slowly))


def test_a_view_larger_than_the_image_repeats_its_border():
    cells = np.array([[1, 2], [3, 4]])

    assert View(resize=2, crop=4).sampled(cells, 4).tolist() == [
        [1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "labels"),
    [
        ("file,class\na/b.jpg,bed\n", {"images/a/b.jpg": "bed"}),
        ("path,name,class_index\nimages/b.jpg,bed,45\n", {"images/b.jpg": "45"}),
        ("file,class\n", {}),
    ],
)
def test_labels_are_by_path_and_an_index_comes_before_a_name(folder, table, labels):
    (folder / "labels.csv").write_text(table)

    assert read_labels(folder) == labels
