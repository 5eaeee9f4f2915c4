"""A unit's pictures are shown as annotators saw them, or in the other view: whole or cropped."""

import re

import pytest
from django.urls import reverse

from annotator.models import Exemplar, Layer, Unit
from annotator.publishing import plan_naming, publish_plan
from annotator.results.output.snapshots.lifecycle import take
from annotator.views.reader.exemplar_tiles import WINDOW_PX, tile_of
from tests.publishing.dissections import dissected_study

pytestmark = pytest.mark.django_db


def unit_page(client, study, **query):
    layer = Layer.objects.get()
    address = reverse("unit", args=[study.name, layer.network.slug, layer.slug, 0])
    return client.get(address, query).content.decode()


def top_images(html):
    """The list of the unit's own top images."""
    return "".join(re.findall(r'<ol class="exemplars.*?</ol>', html, re.S))


def pictures(html):
    """The pictures that the top images of a page are drawn from, without their insets."""
    tiles = re.findall(r'<svg class="region".*?</svg>\s*(?:<svg|</a>)', top_images(html), re.S)
    return {re.findall(r'<image[^>]*href="/pictures/([^"]+)"', tile)[0] for tile in tiles}


def published_study(view):
    study = dissected_study(tile_view=view)
    publish_plan(study, plan_naming(study, 3, 80))
    take(study)
    return study


def top_exemplars():
    return Exemplar.objects.filter(unit__number=0, role="top").select_related("image")


def switch(html):
    """The choice of a view as a reader has it: the words of what is shown, and all of them."""
    choice = re.search(r'<ul class="views".*?</ul>', html, re.S).group()
    shown = re.search(r'<b aria-current="true">(.*?)</b>', choice).group(1)
    return shown, " ".join(re.sub(r"<[^>]*>", " ", choice).split())


def test_a_study_of_crops_can_be_looked_at_in_full(client):
    study = published_study("crop")
    assert any(exemplar.tile_file != exemplar.image.tile for exemplar in top_exemplars())

    cut, full = unit_page(client, study), unit_page(client, study, view="full")

    assert pictures(cut) == {exemplar.tile_file for exemplar in top_exemplars()}
    assert pictures(full) == {exemplar.image.tile for exemplar in top_exemplars()}
    assert 'class="crop"' in top_images(cut)
    assert 'class="crop"' not in top_images(full)
    assert switch(cut)[0] == "Crops around the region"
    assert switch(full)[0] == "Whole pictures"


def test_a_study_of_whole_pictures_can_be_looked_at_in_crops(client):
    study = published_study("full")
    assert not any(exemplar.tile for exemplar in top_exemplars())

    full, cut = unit_page(client, study), unit_page(client, study, view="crop")

    cropped = [exemplar for exemplar in top_exemplars() if not exemplar.box.is_whole]
    assert cropped
    assert pictures(full) == {exemplar.image.tile for exemplar in top_exemplars()}
    assert {exemplar.image.zoom for exemplar in cropped} <= pictures(cut)
    assert 'class="crop"' not in top_images(full)
    assert top_images(cut).count('class="crop"') == len(cropped)
    assert switch(full)[0] == "Whole pictures"
    assert switch(cut)[0] == "Crops around the region"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("full", "Whole pictures (what annotators judged) Crops around the region"),
        ("crop", "Whole pictures Crops around the region (what annotators judged)"),
    ],
)
@pytest.mark.parametrize("chosen", ["full", "crop", "nonsense"])
def test_the_choice_of_a_view_says_which_one_people_judged(client, view, words, chosen):
    study = published_study(view)

    assert switch(unit_page(client, study, view=chosen))[1] == words


def test_a_unit_that_is_not_published_has_no_crops_to_choose(client):
    study = dissected_study()
    take(study)

    assert 'class="views"' not in unit_page(client, study)


def test_a_crop_is_the_box_of_its_picture_and_of_its_cell_on_the_sheet(client):
    published_study("full")
    exemplar = next(each for each in top_exemplars() if not each.box.is_whole)
    unit = Unit.objects.prefetch_related("hits").get(number=0)

    tile = tile_of(exemplar, unit, view="crop")

    left, top, side = exemplar.box
    cell = WINDOW_PX / side
    column, row = exemplar.slot % unit.hit.mask_columns, exemplar.slot // unit.hit.mask_columns
    assert (tile.placed.x, tile.placed.y) == pytest.approx((-cell * left, -cell * top), abs=0.01)
    assert tile.placed.width == pytest.approx(cell, abs=0.01)
    assert tile.x == pytest.approx(-cell * (column + left), abs=0.01)
    assert tile.y == pytest.approx(-cell * (row + top), abs=0.01)
    assert tile.width == pytest.approx(cell * unit.hit.mask_columns, abs=0.01)
