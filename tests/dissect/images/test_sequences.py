"""Tables of what an image may be in a notebook: add a row for another."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.errors import BadSetting, ImagesError
from dissect.images.image_list import find_images
from dissect.images.sequences import images_of

RED = np.zeros((5, 7, 3), dtype=np.uint8)
RED[..., 0] = 200
GREY = np.full((5, 7), 80, dtype=np.uint8)
ONLY_RED = (200, 0, 0)

SAME_COLOUR = [  # an image, and the color of its first pixel
    (Image.fromarray(RED), ONLY_RED),
    (Image.fromarray(GREY), (80, 80, 80)),
    (Image.new("RGBA", (4, 4), (10, 20, 30, 255)), (10, 20, 30)),
    (Image.new("P", (4, 4), 0).convert("RGB").convert("P"), (0, 0, 0)),
    (RED, ONLY_RED),
    (RED[:, ::-1], ONLY_RED),
    (RED / 255, ONLY_RED),
    ((RED / 255).astype(np.float32), ONLY_RED),
    (GREY, (80, 80, 80)),
    (GREY[..., None], (80, 80, 80)),
    (np.dstack([RED, np.full((5, 7), 255, np.uint8)]), ONLY_RED),
    (torch.from_numpy(RED).permute(2, 0, 1), ONLY_RED),
    ((torch.from_numpy(RED).permute(2, 0, 1) / 255).requires_grad_(), ONLY_RED),
    ((torch.from_numpy(RED).permute(2, 0, 1) / 255).half(), ONLY_RED),
    (torch.from_numpy(GREY), (80, 80, 80)),
    (torch.from_numpy(GREY)[None], (80, 80, 80)),
]
REFUSED = [  # what is given, and what is said
    (7, "not int"),
    (None, "not NoneType"),
    ({"a": RED}, "not dict"),
    ((part for part in [RED]), r"a generator becomes one by list\(\.\.\.\)"),
    ([RED, 7], "Image 1 is int, not a path"),
    ([RED, None], "Image 1 is NoneType"),
    ([np.zeros((2, 5, 7, 3), np.uint8)], r"Image 0 has the shape \(2, 5, 7, 3\)"),
    (np.zeros((5, 7, 2), np.uint8), r"shape \(5, 7, 2\).*with 1, 3 or 4 channels"),
    (torch.zeros(5, 7, 3), r"shape \(5, 7, 3\).*\(channels, height, width\)"),
    (np.zeros((0, 7, 3), np.uint8), r"shape \(0, 7, 3\)"),
]
WRONG_NUMBERS = [  # an image, and what is said when it is opened
    (torch.randn(3, 5, 7, generator=torch.manual_seed(0)), "Image 0 holds float32 from -"),
    (RED.astype(np.int64), "Image 0 holds int64 from 0 to 200; give uint8"),
    (RED.astype(np.float64), "Image 0 holds float64 from 0 to 200"),
    (np.full((5, 7), np.nan), "from nan to nan"),
    (RED > 0, "Image 0 holds bool"),
]


@pytest.mark.parametrize(("image", "colour"), SAME_COLOUR)
def test_every_kind_of_image_is_read_alone_and_in_a_list(image, colour):
    alone, listed = images_of(image), images_of([image, image])

    assert (len(alone), len(listed)) == (1, 2)
    for picture in (alone.open(0), listed.open(1)):
        assert picture.mode == "RGB"
        assert picture.getpixel((0, 0)) == colour


@pytest.mark.parametrize(("images", "sentence"), REFUSED)
def test_what_is_no_image_is_refused_before_any_is_read(images, sentence):
    with pytest.raises(BadSetting, match=sentence):
        images_of(images)


@pytest.mark.parametrize(("image", "sentence"), WRONG_NUMBERS)
def test_numbers_that_are_no_shades_are_refused_with_their_range(image, sentence):
    with pytest.raises(BadSetting, match=sentence):
        images_of(image).open(0)


def test_a_batch_is_a_sequence_of_its_images():
    batch = np.stack([RED, 255 - RED])

    by_array, by_tensor = images_of(batch), images_of(torch.from_numpy(batch).permute(0, 3, 1, 2))

    for place in (0, 1):
        pixels = [np.asarray(images.open(place)) for images in (by_array, by_tensor)]
        assert np.array_equal(pixels[0], batch[place])
        assert np.array_equal(pixels[1], batch[place])


class Labelled:
    """As a Dataset of torchvision: pairs of an image and a label, made when they are needed."""

    def __init__(self, form):
        self.form, self.taken = form, []

    def __len__(self):
        return 3

    def __getitem__(self, place):
        self.taken.append(place)
        picture = Image.new("RGB", (6, 6), (place, 0, 0))
        return {"image": picture, "label": 1} if self.form == "dictionary" else (picture, 1)


@pytest.mark.parametrize("form", ["pair", "dictionary"])
def test_a_dataset_is_read_image_by_image_without_its_labels(form):
    data = Labelled(form)
    images = images_of(data)

    assert data.taken == []
    assert [images.open(place).getpixel((0, 0))[0] for place in (2, 0)] == [2, 0]
    assert data.taken == [2, 0]


def test_paths_are_read_as_files_and_keep_their_order(noise_folder):
    listed = find_images(noise_folder)
    paths = [listed.location(place) for place in (5, 2, 9)]

    images = images_of(paths)

    assert images.paths == tuple(map(str, paths))
    assert np.array_equal(np.asarray(images.open(1)), np.asarray(listed.open(2)))
    assert images_of(str(noise_folder)).paths == images_of(listed).paths == listed.paths


def test_a_picture_turned_by_its_exif_is_turned_as_its_file_is(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RED).save(tmp_path / "turned.png", exif=exif)

    with Image.open(tmp_path / "turned.png") as opened:
        (picture,) = [images_of(opened).open(0)]

    assert picture.size == (5, 7)
    assert picture.tobytes() == images_of(tmp_path / "turned.png").open(0).tobytes()


def test_a_broken_picture_cannot_be_read_and_is_no_wrong_setting():
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(
        file, "PNG"
    )
    broken = Image.open(io.BytesIO(file.getvalue()[:3000]))

    with pytest.raises(ImagesError):
        images_of([broken]).open(0)


@pytest.mark.parametrize("images", [[], (), np.zeros((0, 5, 7, 3), np.uint8)])
def test_no_images_are_refused(images):
    with pytest.raises(ImagesError, match="the sequence is empty"):
        images_of(images)


def test_paths_of_which_none_is_there_are_refused():
    with pytest.raises(ImagesError, match="None of the 2 paths is there; the first is 'no.jpg'"):
        images_of(["no.jpg", "nor.jpg"])
