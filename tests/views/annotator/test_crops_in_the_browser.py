"""Tiles cut around regions: an inset of the whole, the loupe on the crop, one key to all."""

import io

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator.models import Exemplar
from annotator.publishing.hit_pictures import opened_picture
from annotator.publishing.hit_tiles import cut_tiles, frame
from annotator.publishing.sheets import store_sheets
from dissect.format.tile_drawing import cut_tile
from dissect.format.tiles import INSET_SHARE, WHOLE
from tests.browsing import wait_for
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIDE = 56  # of masks
PLACE = 4  # of the picture that is looked at


def region(number):
    """A disc that wanders over the picture with the slot."""
    ys, xs = np.mgrid[:SIDE, :SIDE]
    y, x = 8 + 7 * (number % 7), 8 + 5 * (number // 7)
    return (ys - y) ** 2 + (xs - x) ** 2 < 36


@pytest.fixture
def cropped(assignment):
    """Ana's HIT, drawn in the cropped view as publishing does it; {slot: exemplar}."""
    hit = assignment.hit
    exemplars = list(hit.shown.select_related("image").order_by("slot"))
    frames = [
        frame(region(number), (0, 0)) for number in range(len(exemplars))
    ]  # one part, so that any peak is its own
    for exemplar, (_, box) in zip(exemplars, frames, strict=True):
        exemplar.box = box
    tiles = cut_tiles([(exemplar.image.zoom, exemplar.box) for exemplar in exemplars])
    for exemplar in exemplars:
        exemplar.tile = tiles[exemplar.image.zoom, exemplar.box].name
    hit.tile_view = "crop"
    store_sheets(hit, exemplars, frames)
    hit.save()
    Exemplar.objects.bulk_update(exemplars, ["tile", "box_left", "box_top", "box_side"])
    return {exemplar.slot: exemplar for exemplar in exemplars}


@pytest.fixture
def page(browser_page, live_server, ana, address, cropped):
    sign_in(browser_page.context, live_server.url, ana)
    browser_page.goto(address)
    return browser_page


def exemplar_at(page, cropped, place=PLACE):
    return cropped[int(page.locator("input[name=marked]").nth(place).get_attribute("value"))]


def screenshot(page, element):
    page.mouse.move(0, 0)
    element.scroll_into_view_if_needed()
    return Pillow.open(io.BytesIO(element.screenshot())).convert("RGB")


def difference(picture, expected):
    """The mean difference of two pictures in the middle, where nothing lies over them."""
    expected = expected.resize(picture.size, Pillow.Resampling.BICUBIC)
    both = [np.asarray(each, dtype=int)[8:-8, 8:-8] for each in (picture, expected)]
    return np.abs(both[0] - both[1]).mean()


def open_loupe(page):
    page.get_by_role("radio", name="Whole", exact=True).click()  # without a lit region
    page.locator(".tile").nth(PLACE).hover()
    page.locator("[data-zoom]").nth(PLACE).click()
    wait_for(
        page,
        """place => {
          const large = document.querySelector('#zoom .base');
          const { pathname } = document.querySelectorAll('[data-zoom]')[place];
          return large.src.endsWith(pathname) && large.complete;
        }""",
        PLACE,
    )
    return page.locator("#zoom .picture")


def test_a_tile_shows_its_crop_and_the_whole_picture_stands_in_a_lower_corner(page, cropped):
    exemplar = exemplar_at(page, cropped)
    zoom = opened_picture(exemplar.image.zoom)
    page.get_by_role("radio", name="Whole", exact=True).click()

    tile, inset = page.locator(".tile .picture").nth(PLACE), page.locator(".tile .inset").nth(PLACE)
    shown = screenshot(page, tile)
    across, down = tile.bounding_box(), inset.bounding_box()

    assert not exemplar.box.is_whole
    upper = (30, 8, shown.width - 8, shown.height // 2)
    expected = cut_tile(zoom, exemplar.box, shown.width)
    assert difference(shown.crop(upper), expected.crop(upper)) < 6
    assert down["width"] == pytest.approx(INSET_SHARE * across["width"], abs=1)
    assert down["y"] + down["height"] == pytest.approx(across["y"] + across["height"], abs=1)
    assert difference(screenshot(page, inset), cut_tile(zoom, WHOLE, 72)) < 40  # it has a frame


def test_the_loupe_opens_on_the_region_and_one_key_shows_the_full_picture(page, cropped):
    exemplar = exemplar_at(page, cropped)
    zoom = opened_picture(exemplar.image.zoom)
    crop, whole = (cut_tile(zoom, box, 448) for box in (exemplar.box, WHOLE))
    loupe = open_loupe(page)

    opened = screenshot(page, loupe)
    page.keyboard.press("f")
    full = screenshot(page, loupe)
    page.keyboard.press("f")
    again = screenshot(page, loupe)

    assert difference(opened, crop) < 3
    assert difference(opened, crop) < difference(opened, whole) / 2  # of which it is a part
    assert difference(full, whole) < 3
    assert difference(again, crop) < 3
    page.locator("[data-full]").click()
    assert page.locator("[data-full]").get_attribute("aria-pressed") == "true"
    assert difference(screenshot(page, loupe), whole) < 3


def test_the_full_picture_has_all_of_the_region_lit(page, cropped):
    exemplar = exemplar_at(page, cropped)
    loupe = open_loupe(page)
    page.keyboard.press("f")
    plain = np.asarray(screenshot(page, loupe), dtype=int)
    page.locator('#zoom [data-view="region"]').click()

    lit = np.asarray(screenshot(page, loupe), dtype=int)

    same = np.abs(lit - plain).max(axis=2) < 6
    slots = sorted(cropped)
    mask = Pillow.fromarray(region(slots.index(exemplar.slot)))
    expected = np.asarray(mask.resize(same.shape[::-1], Pillow.Resampling.NEAREST))
    assert (same == expected)[10:-10, 10:-10].mean() > 0.97  # but for the outline


def test_the_brightness_around_regions_is_remembered(page, cropped):
    base = page.locator(".tile .base").first
    brightness = "element => getComputedStyle(element).filter"
    assert "brightness(0.6)" in base.evaluate(brightness)
    page.locator(".tile").first.hover()
    page.locator("[data-zoom]").first.click()

    page.locator("[data-brightness]").fill("90")

    assert "brightness(0.9)" in base.evaluate(brightness)
    page.reload()
    assert "brightness(0.9)" in base.evaluate(brightness)
    assert page.locator("[data-brightness]").input_value() == "90"


def test_the_tiles_of_the_next_hit_are_fetched_as_they_are_cut(page, cropped, assignment):
    from annotator.views.annotator.background import picture_urls

    urls = picture_urls(assignment.hit)

    names = {url.rsplit("/", 1)[1] for url in urls}
    assert {exemplar.tile for exemplar in cropped.values()} <= names
    assert {assignment.hit.masks, assignment.hit.insets} <= names
    assert all(
        default_storage.exists(f"{folder}/{name}")
        for url in urls
        for folder, name in [url.strip("/").split("/")[-2:]]
    )
