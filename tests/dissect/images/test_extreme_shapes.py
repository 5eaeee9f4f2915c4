"""Very long, very thin and very large pictures: the right view, in bounded memory."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

from dissect.errors import ImagesError
from dissect.format.picture_list import BORDER, CENTER, SQUASH
from dissect.images.decoding import read_image
from dissect.images.memory import MAX_BYTES, MAX_PIXELS, check_size
from dissect.images.preprocessing import Preprocessing
from dissect.render.pictures import view_at
from tests.dissect.images.image_files import one_bit_png

SHAPES = [(4_000, 1), (1, 4_000), (1_000, 3), (3, 1_000), (500, 40), (1, 1), (2, 1)]


def ramp(width, height):
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.mark.parametrize("interpolation", [InterpolationMode.BICUBIC, InterpolationMode.BILINEAR])
@pytest.mark.parametrize("shape", [(1_000, 3), (3, 1_000), (500, 40), (90, 3)])
def test_the_middle_alone_is_the_middle_of_the_whole(monkeypatch, shape, interpolation):
    view = Preprocessing(resize=64, crop=56, interpolation=interpolation)
    whole = CenterCrop(56)(Resize(64, interpolation=interpolation)(ramp(*shape)))
    monkeypatch.setattr("dissect.images.preprocessing.MAX_RESIZED", 1)

    pixels = view.pixels(ramp(*shape)).numpy().transpose(1, 2, 0)

    assert np.abs(pixels.astype(int) - np.asarray(whole)).max() <= 1


def test_a_crop_beyond_the_image_has_the_same_borders(monkeypatch):
    view = Preprocessing(resize=40, crop=56)
    whole = view.pixels(ramp(300, 20))
    monkeypatch.setattr("dissect.images.preprocessing.MAX_RESIZED", 1)

    assert (view.pixels(ramp(300, 20)).int() - whole.int()).abs().max() <= 1


@pytest.mark.parametrize("mode", [CENTER, SQUASH, BORDER])
@pytest.mark.parametrize("shape", [*SHAPES, (30_000, 1), (1, 30_000)])
def test_any_shape_has_a_view_and_a_picture(shape, mode):
    view = Preprocessing(resize=224, crop=112, crop_mode=mode)
    image = Image.new("RGB", shape, (200, 100, 50))

    pixels, picture = view.pixels(image), view_at(image, view, 448)

    assert pixels.shape == (3, 112, 112)
    shown = pixels.flatten(1).T.tolist()
    assert [200, 100, 50] in shown
    assert mode == BORDER or shown[56 * 112 + 56] == [200, 100, 50]
    assert picture.width == picture.height >= 1


MEASURED = """
import sys
from io import BytesIO
from PIL import Image
from benchmarks.peak import peak_mb
from dissect.images.decoding import read_image
from dissect.images.preprocessing import Preprocessing
read_image(BytesIO(open(sys.argv[1], "rb").read()))
before = peak_mb()
Preprocessing().pixels(Image.new("RGB", (30_000, 1)))
print(peak_mb() - before)
Preprocessing().pixels(read_image(BytesIO(open(sys.argv[2], "rb").read())))
print(peak_mb() - before)
"""


@pytest.mark.slow
def test_the_memory_of_30_000_x_1_and_of_169_megapixels_of_one_bit_is_bounded(tmp_path):
    """7.9 GB where the whole picture is resized; 5 bytes a pixel of one bit."""
    Image.new("RGB", (8, 8)).save(tmp_path / "small.png")
    (tmp_path / "large.png").write_bytes(one_bit_png(13_000, 13_000).getvalue())

    command = [sys.executable, "-c", MEASURED, tmp_path / "small.png", tmp_path / "large.png"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    long, large = map(float, output.split())

    assert long < 20  # megabytes
    assert 500 < large < MAX_BYTES / 2e6


@pytest.mark.parametrize(
    ("size", "of_each"), [((30_000, 30_000), 1), ((13_000, 13_000), 20), ((1, MAX_PIXELS + 1), 1)]
)
def test_a_picture_beyond_the_limit_is_refused_by_its_header(size, of_each):
    with pytest.raises(ImagesError, match="is above"):
        check_size(*size, of_each)


def test_every_picture_within_the_pixels_fits_where_a_pixel_takes_no_more_than_12_bytes():
    check_size(1, MAX_PIXELS)

    with pytest.raises(ImagesError, match="is above|exceeds limit"):
        read_image(one_bit_png(30_000, 30_000))
