"""Publishing warns before people are asked about tiles on which nearly nothing is lit."""

import io
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar
from annotator.publishing import lit_warning, plan_naming
from annotator.publishing.lit_share import Legibility, legibility, sample_tiles
from dissect.format.picture_list import TILE_PX
from dissect.format.tile_drawing import GAP
from tests.publishing import dissections
from tests.publishing.dissections import TOP, UNITS, dissected_study

pytestmark = pytest.mark.django_db


def tiny_region(unit, mask):
    """Four pixels of 16 x 16: 1.6 % of the view, 14 % of a third of it."""
    shape = np.zeros((16, 16), dtype=bool)
    shape[5:7, 6:8] = True
    return shape


def warning(study, view):
    return lit_warning(study, plan_naming(study, 3, 80), view, "https://u.test/sheets/{name}")


def test_every_top_image_of_the_sample_is_measured_as_its_tile_shows_it():
    study = dissected_study()
    plan = plan_naming(study, 3, 80)

    full, crop = (sample_tiles(study, plan, view) for view in ("full", "crop"))

    shares = [tile.share for tile in full]
    coverage = Exemplar.objects.filter(role="top").values_list("coverage", flat=True)
    # An empty region is lit whole.
    assert shares == pytest.approx(sorted(share or 1 for share in coverage), abs=1e-6)
    assert len(crop) == UNITS * TOP
    assert sum(tile.share for tile in crop) > sum(shares)


def test_tiles_of_which_little_is_lit_are_shown_with_a_way_out(monkeypatch):
    monkeypatch.setattr(dissections, "region", tiny_region)
    study = dissected_study(dissect_settings={"segment": "upsample"})

    text = warning(study, "full")

    assert "only 1.6 % of a tile is lit in the median" in text
    assert text.endswith(
        "Publish with --view crop, or dissect another study with --segment field, or leave out "
        "the layer."
    )
    name = re.search(r"https://u.test/sheets/([0-9a-f]{64}\.jpg)\.", text).group(1)
    sheet = Pillow.open(io.BytesIO(storage.read(f"sheets/{name}")))
    assert sheet.size == (5 * (TILE_PX + GAP) + GAP, 2 * (TILE_PX + GAP) + GAP)
    assert len(legibility(study, plan_naming(study, 3, 80), "full").tiles) == 10


@pytest.mark.parametrize(("median", "is_low"), [(0.029, True), (0.031, False)])
def test_less_than_3_percent_lit_in_the_median_is_too_little(median, is_low):
    assert Legibility(median, []).is_low is is_low


def test_cropped_tiles_of_the_same_regions_light_enough(monkeypatch):
    monkeypatch.setattr(dissections, "region", tiny_region)
    study = dissected_study()

    assert sample_tiles(study, plan_naming(study, 3, 80), "crop")[0].share > 0.03
    assert warning(study, "crop") == ""
    assert warning(study, "full") != ""


def test_a_study_without_new_hits_is_not_warned_of():
    study = dissected_study()
    plan = plan_naming(study, 3, 80)

    assert sample_tiles(study, type(plan)([], [], 3, 0, 80), "full") == []
