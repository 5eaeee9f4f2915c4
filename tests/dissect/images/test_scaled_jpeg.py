"""Scaled decoding of JPEGs: only where it is asked for, never below what a view is made of."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dissect.errors import ImagesError
from dissect.images import decoding
from dissect.images.decoding import read_image
from dissect.images.image_list import find_images
from dissect.images.preprocessing import Preprocessing
from dissect.networks.numerics import Numerics
from dissect.networks.registry import load_network
from dissect.topk.batches import decoded_batches


def picture(width, height, seed=0):
    """Coarse colors with soft edges, as photographs have."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def file_of(image, kind="JPEG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("size", "shorter", "read"),
    [
        ((2000, 1500), None, (2000, 1500)),  # not asked for
        ((2000, 1500), 256, (500, 375)),  # a quarter; an eighth would be too small
        ((2000, 1500), 376, (1000, 750)),
        ((511, 900), 256, (511, 900)),  # a half would be too small
        ((4096, 2048), 256, (512, 256)),
        ((100, 80), 256, (100, 80)),
    ],
)
def test_a_jpeg_keeps_the_pixels_that_its_view_is_made_of(size, shorter, read):
    assert read_image(file_of(picture(*size)), shorter).size == read


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("WEBP", "RGB"), ("JPEG", "L")])
def test_other_files_are_read_whole(kind, mode):
    assert read_image(file_of(picture(800, 600).convert(mode), kind), 100).size == (800, 600)


def test_a_turned_jpeg_is_upright():
    exif = Image.Exif()
    exif[decoding.ORIENTATION] = 6

    assert read_image(file_of(picture(2000, 1500), exif=exif), 256).size == (375, 500)


def test_a_view_differs_by_some_shades_alone():
    view, file = Preprocessing(), file_of(picture(2000, 1500), quality=92)

    whole = view.pixels(read_image(file)).numpy().astype(int)
    file.seek(0)
    scaled = view.pixels(read_image(file, view.resize)).numpy().astype(int)

    assert np.abs(whole - scaled).mean() < 1
    assert np.abs(whole - scaled).max() < 24


def test_memory_is_reckoned_for_the_whole_picture(monkeypatch):
    monkeypatch.setattr("dissect.images.memory.MAX_PIXELS", 1_000_000)

    with pytest.raises(ImagesError):
        read_image(file_of(picture(2000, 1500), progressive=True), 256)


def test_a_pass_scales_only_where_its_network_asks_for_it(tmp_path, monkeypatch):
    picture(2000, 1500).save(tmp_path / "large.jpg")
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(tmp_path)
    asked = []

    def noted(file, shorter_side=None):
        asked.append(shorter_side)
        return read_image(file, shorter_side)

    monkeypatch.setattr("dissect.images.image_list.read_image", noted)
    for numerics in (Numerics(), Numerics(scaled_jpeg=True)):
        list(decoded_batches(replace(network, numerics=numerics), images, [0]))

    assert asked == [None, network.preprocessing.resize]
