"""Tiles are cut from the stored picture at publishing, once, and named by their content."""

import io

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar, Hit, Image, Layer, Unit
from annotator.publishing import plan_naming, publish_plan
from annotator.publishing.catch.sharpness import file_measures, sharpness_of
from annotator.publishing.hit_tiles import cut_tiles, frame
from annotator.publishing.layer_dissection import LayerDissection
from annotator.publishing.sheets import inset_sheet, store_sheets
from dissect.format.picture_list import content_name
from dissect.format.tile_drawing import FRAME, INSET_PX, cut_tile
from dissect.format.tile_drawing import jpeg as drawn_jpeg
from dissect.format.tiles import WHOLE, Box
from tests.publishing.dissections import TOP, dissected_study
from tests.views.hits import jpeg, stored

CORNER = Box(0.5, 0.25, 0.4)


@pytest.fixture
def picture(tmp_path):
    """The file of a picture with four quarters of one color each."""
    pixels = np.zeros((448, 448, 3), dtype=np.uint8)
    pixels[:224, 224:], pixels[224:, :224], pixels[224:, 224:] = (200, 0, 0), (0, 200, 0), 90
    return stored("pictures", jpeg(Pillow.fromarray(pixels)), "jpg")


def opened(name):
    return Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))).convert("RGB")


def test_a_tile_is_the_square_of_the_picture_in_its_box(picture):
    tile = cut_tiles([(picture, CORNER)])[picture, CORNER]

    pixels = np.asarray(opened(tile.name), dtype=int)
    assert pixels.shape == (224, 224, 3)
    # The border at half the height of the picture is at .625 of the tile.
    assert np.abs(pixels[:130] - (200, 0, 0)).mean() < 4
    assert np.abs(pixels[150:] - 90).mean() < 4
    assert tile.source_px == pytest.approx(0.4 * 448)
    assert tile.size == storage.size(f"pictures/{tile.name}")


def test_tiles_are_named_by_content_and_those_only_measured_are_not_stored(picture):
    boxes = [CORNER, WHOLE, Box(0.1, 0.1, 0.4)]
    cuts = [(picture, box) for box in boxes]

    measured = cut_tiles(cuts, is_stored=False)
    assert not any(default_storage.exists(f"pictures/{tile.name}") for tile in measured.values())

    assert cut_tiles(cuts) == measured
    for tile in measured.values():
        assert content_name(storage.read(f"pictures/{tile.name}"), ".jpg") == tile.name


def test_sharpness_is_the_difference_of_neighbors_and_how_it_falls_off():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)

    near, ratio = sharpness_of(Pillow.fromarray(pixels))

    rows = [[int(pixel) for pixel in row] for row in pixels]
    by_one = [abs(a - b) for row in rows for a, b in zip(row, row[1:], strict=False)]
    by_two = [abs(a - b) for row in rows for a, b in zip(row, row[2:], strict=False)]
    assert near == pytest.approx(np.mean(by_one))
    assert ratio == pytest.approx(np.mean(by_one) / np.mean(by_two))
    enlarged = Pillow.fromarray(pixels).resize((120, 80), Pillow.Resampling.BICUBIC)
    assert sharpness_of(enlarged)[1] < 0.7 * ratio
    assert sharpness_of(Pillow.new("RGB", (9, 9), "red")) == (0, 0)


def test_a_stored_picture_is_measured_as_it_is(picture):
    assert file_measures(picture) == (
        int(picture[:8], 16),
        storage.size(f"pictures/{picture}"),
        opened(picture).width,
        *sharpness_of(opened(picture)),
    )


def test_an_inset_is_the_whole_picture_with_a_frame_around_the_crop(picture):
    sheet = Pillow.open(io.BytesIO(inset_sheet([(picture, WHOLE), (picture, CORNER)], 8)))

    pixels = np.asarray(sheet, dtype=int)
    assert pixels.shape == (INSET_PX, 8 * INSET_PX, 3)
    framed = np.abs(pixels - FRAME).max(axis=2) < 80
    assert not framed[:, :INSET_PX].any()
    ys, xs = np.nonzero(framed[:, INSET_PX : 2 * INSET_PX])
    edges = np.array([xs.min(), xs.max() + 1, ys.min(), ys.max() + 1]) / INSET_PX
    assert edges == pytest.approx([0.5, 0.9, 0.25, 0.65], abs=0.04)


@pytest.mark.django_db
@pytest.mark.parametrize("view", ["full", "crop"])
def test_every_picture_of_a_hit_has_its_crop_and_in_the_cropped_view_a_tile_of_it(view):
    study = dissected_study(catch_count=2, repeat_count=1, tile_view=view)
    publish_plan(study, plan_naming(study, 3, 80))
    dissection = LayerDissection(Layer.objects.get())

    for hit in Hit.objects.all():
        assert hit.tile_view == view
        exemplars = list(hit.shown.select_related("image"))
        for exemplar, (_, box) in zip(
            exemplars, dissection.frames(hit.unit, exemplars), strict=True
        ):
            assert exemplar.box == pytest.approx(box)
            if view == "full":
                assert exemplar.tile_file == exemplar.image.tile
            else:
                expected = cut_tile(opened(exemplar.image.zoom), exemplar.box)
                difference = np.asarray(opened(exemplar.tile_file), int) - np.asarray(expected, int)
                assert np.abs(difference).mean() < 12  # the pictures are noise, and JPEG


@pytest.mark.django_db
def test_publishing_again_cuts_and_stores_nothing(tmp_path):
    study = dissected_study(tile_view="crop")
    publish_plan(study, plan_naming(study, 3, 80))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    publish_plan(study, plan_naming(study, 3, 80))

    assert before == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}


@pytest.mark.django_db
def test_top_images_keep_their_cells_as_peaks_where_a_dissection_has_no_others():
    dissected_study()
    dissection, unit = LayerDissection(Layer.objects.get()), Unit.objects.get(number=1)

    peaks = dissection.peaks(unit.number)

    top = Exemplar.objects.filter(unit=unit, role="top").order_by("rank")
    assert len(top) == TOP
    expected = [[(each.peak_y + 0.5) / 4, (each.peak_x + 0.5) / 4] for each in top]
    assert peaks[:TOP] == pytest.approx(np.array(expected))


def test_63_tiles_and_the_sheets_of_a_hit_stay_within_a_megabyte_and_a_half(shared_data):
    """On photographs, with crops of a third to all of them and regions of several discs."""
    rng = np.random.default_rng(0)
    paths = sorted((shared_data / "imagenet1k-sample" / "images").iterdir())
    ys, xs = np.mgrid[:224, :224]
    exemplars, frames = [], []
    for slot, path in enumerate(paths[:: len(paths) // 63][:63]):
        with Pillow.open(path) as photograph:
            zoom = photograph.convert("RGB").resize((448, 448), Pillow.Resampling.BICUBIC)
        discs = rng.integers(0, 224, (slot % 6 + 1, 2))
        region = np.any([(ys - y) ** 2 + (xs - x) ** 2 < 15**2 for y, x in discs], axis=0)
        frames.append(frame(region, tuple(discs[0] / 224)))
        name = stored("pictures", drawn_jpeg(zoom), "jpg")
        exemplars.append(Exemplar(slot=slot, image=Image(tile=name, zoom=name)))
        exemplars[-1].box = frames[-1].box

    tiles = cut_tiles([(exemplar.image.zoom, exemplar.box) for exemplar in exemplars])
    hit = Hit(tile_view="crop")
    store_sheets(hit, exemplars, frames)

    sheets = [storage.size(f"sheets/{name}") for name in (hit.masks, hit.insets, hit.style)]
    total = sum(tile.size for tile in tiles.values()) + sum(sheets)
    assert len(tiles) == 63
    assert 300_000 < total < 1_500_000
