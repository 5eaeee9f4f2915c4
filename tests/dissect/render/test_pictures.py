"""Regions, masks and pictures drawn in batches, judged by torch, Pillow and one at a time."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from dissect.commands.command_line import main
from dissect.format.masks import MASK_PX
from dissect.format.tile_drawing import BRIGHTNESS, SATURATION
from dissect.images.image_list import find_images
from dissect.images.preprocessing import Preprocessing
from dissect.render.cutouts import render_exemplars, small_views
from dissect.render.pictures import PictureWriter, render_picture
from dissect.segmentation.regions import upsampled_regions
from dissect.storage.store import Folder
from tests.dissect.planted import BLUE, GREEN, RED, rectangle, save


@pytest.mark.parametrize("size", [(6, 6), (1, 1), (13, 9), (150, 150)])
def test_regions_are_where_torch_upsampled_lies_above_the_cut(size):
    maps = torch.randn(9, *size, generator=torch.Generator().manual_seed(0))
    cut = torch.linspace(-0.5, 0.5, 9)

    regions = upsampled_regions(maps, cut)

    larger = F.interpolate(
        maps[:, None], size=(MASK_PX, MASK_PX), mode="bilinear", align_corners=False
    )
    above = larger[:, 0] - cut[:, None, None]
    sure = above.abs() > 1e-5  # the last digit may fall either way
    assert torch.equal(regions[sure], (above > 0)[sure])
    assert sure.float().mean() > 0.999


def test_exemplars_are_drawn_lit_in_their_region_and_darker_and_grayer_outside(tmp_path):
    Image.new("RGB", (300, 256), (200, 100, 50)).save(tmp_path / "a.png")
    images, shape = find_images(tmp_path), Preprocessing()
    region = np.zeros((1, 112, 112), dtype=bool)
    region[:, :, :56] = True

    (drawn,) = render_exemplars(small_views(images, [0], shape, 1), [0], region)

    pixels = np.asarray(Image.open(io.BytesIO(drawn)), dtype=int)
    assert np.abs(pixels[50, 20] - [200, 100, 50]).max() < 6
    grey = np.array([200, 100, 50]) @ [0.299, 0.587, 0.114]
    outside = BRIGHTNESS * (grey + SATURATION * (np.array([200, 100, 50]) - grey))
    assert np.abs(pixels[50, 90] - outside).max() < 6


def test_exemplars_are_drawn_rank_by_rank_and_one_without_a_region_whole(tmp_path, capsys):
    for name, colour in [("a", GREEN), ("b", RED), ("c", BLUE)]:
        light = np.maximum(rectangle(colour, (0, 0, 24, 24)), 90)
        save(tmp_path / "in", f"{name}.png", light)
    line = ["exemplars", "--network", "tests.dissect.planted:detectors", "--layers", "see"]
    line += ["--images", str(tmp_path / "in"), "--top", "2", "--units", "0", "--format", "json"]
    out = tmp_path / "out"

    assert main([*line, "--out", str(out), "--draw"]) == 0
    captured = capsys.readouterr()

    first, second = json.loads(captured.out)["layers"]["see"]["units"]["0"]
    assert (first["image"], second["coverage"]) == ("b.png", 0)
    assert first["coverage"] == pytest.approx((24 / 64) ** 2, abs=0.02)
    assert "1 of 2 regions are empty (no cell passes the unit's 0.995 quantile)" in captured.err
    red, other = (np.asarray(Image.open(out / f"see/0/00{rank}.jpg"), int) for rank in (1, 2))
    assert red.shape == (112, 112, 3)
    assert red[100, 100].max() < 70 < 80 < other[100, 100].min()  # dimmed; whole
    assert main(line) == 0
    assert json.loads(capsys.readouterr().out)["layers"]["see"]["units"]["0"][0]["coverage"] is None
    assert main([*line, "--draw"]) == 1
    assert "--out DIR" in capsys.readouterr().err


def test_pictures_drawn_in_threads_are_those_drawn_one_by_one(noise_folder, tmp_path):
    images, shape, store = find_images(noise_folder), Preprocessing(64, 56), Folder(tmp_path)

    with PictureWriter(images, [5, 2, 60], shape, store) as pictures:
        drawn = list(pictures)

    alone = [render_picture(images, place, shape) for place in (5, 2, 60)]
    assert drawn == [picture.row for picture in alone]
    for one in alone:
        assert all(store.get(f"pictures/{name}") == data for name, data in one.content.items())
