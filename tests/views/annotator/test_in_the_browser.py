"""The HIT page in a real Chromium: keys, views, zoom, drafts, phones, and without JavaScript."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from annotator.models import Answer
from dissect.format.tile_drawing import BRIGHTNESS, SATURATION
from tests.browsing import switch_off_javascript, wait_for
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(hit_in_browser):
    return hit_in_browser


def boxes(page):
    return page.locator("input[name=marked]")


def marked(page):
    return page.locator("input[name=marked]:checked").evaluate_all(
        "boxes => boxes.map(box => box.id)"
    )


def focused(page):
    """The place on the page, from 0, of the picture that has the focus."""
    return boxes(page).evaluate_all("boxes => boxes.indexOf(document.activeElement)")


def columns(page):
    style = "element => getComputedStyle(element).gridTemplateColumns"
    return len(page.locator("#pictures").evaluate(style).split())


def test_a_hit_can_be_done_with_the_keyboard_alone(page):
    page.locator("#concept").focus()
    page.keyboard.type("green ball")
    page.keyboard.press("Enter")  # on to the pictures
    assert focused(page) == 0
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-counter]")).to_have_text("3 of 63 marked")
    page.keyboard.press("5")
    page.keyboard.press("Tab")  # the grid is one tab stop: this leaves it
    assert focused(page) == -1
    slots = marked(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert (answer.concept, answer.group) == ("green ball", 5)
    assert {f"slot-{mark.exemplar.slot}" for mark in answer.marks.all()} == set(slots)


def test_arrows_home_end_and_page_move_in_the_grid_and_stay_in_it(page):
    boxes(page).nth(0).focus()
    wide = columns(page)
    walk = [
        ("ArrowLeft", 0),
        ("ArrowUp", 0),
        ("ArrowRight", 1),
        ("ArrowDown", 1 + wide),
        ("PageDown", 1 + 4 * wide),
        ("PageUp", 1 + wide),
        ("End", 62),
        ("ArrowRight", 62),
        ("ArrowDown", 62),
        ("PageDown", 62),
        ("Home", 0),
    ]

    for key, place in walk:
        page.keyboard.press(key)
        assert focused(page) == place, key


def test_the_first_view_shows_many_pictures(page):
    in_view = """tiles => tiles.filter((tile) => {
        const { top, bottom } = tile.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
    }).length"""

    assert page.viewport_size == {"width": 1280, "height": 800}
    assert page.locator(".tile").evaluate_all(in_view) >= 35
    expect(page.locator("[data-counter]")).to_have_text("0 of 63 marked")


UNCOVERED = """() => {
  const tile = document.activeElement.closest(".tile");
  const { left, right, top, bottom } = tile.getBoundingClientRect();
  const corners = [[left + 9, top + 3], [right - 9, bottom - 3]];
  return corners.every(([x, y]) => tile.contains(document.elementFromPoint(x, y)));
}"""


def test_the_picture_in_focus_is_never_covered_by_a_bar(page):
    for width, height in ((1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        boxes(page).nth(0).focus()

        for key in ["ArrowDown"] * 9 + ["ArrowUp"] * 9 + ["End", "PageUp", "PageUp", "PageUp"]:
            page.keyboard.press(key)
            assert page.evaluate(UNCOVERED), (width, key)


def test_single_keys_can_be_switched_off_and_stay_off(page):
    boxes(page).nth(0).focus()
    page.keyboard.press("?")
    page.locator("[data-single-keys]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    boxes(page).nth(0).focus()
    for key in ("x", "5", "?"):
        page.keyboard.press(key)

    assert marked(page) == []
    assert page.locator("input[name=group]:checked").count() == 0
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Space")  # is no single-letter key
    assert len(marked(page)) == 1


def test_single_keys_do_nothing_outside_of_the_grid(page):
    page.locator("#concept").fill("")
    page.keyboard.type("x5?")
    page.locator("input[name=says]").first.focus()
    page.keyboard.press("x")

    assert marked(page) == []
    assert page.locator("#concept").input_value() == "x5?"


def test_marks_can_be_undone_and_redone(page):
    for place in (0, 1, 2):
        boxes(page).nth(place).click()
    three = marked(page)
    page.get_by_role("button", name="Undo").click()
    page.keyboard.press("Control+z")
    assert len(marked(page)) == 1
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+Shift+z")

    assert marked(page) == three
    assert page.get_by_role("button", name="Redo").is_disabled()


def test_all_can_be_marked_at_once_and_that_is_one_step_to_undo(page):
    boxes(page).nth(0).click()
    hidden = page.locator(".tile").nth(5)
    hidden.hover()
    hidden.locator(".hide").click()

    page.get_by_role("button", name="Mark all").click()
    expect(page.locator("[data-counter]")).to_have_text("62 of 62 marked")
    boxes(page).nth(1).click()  # the one that fits
    assert len(marked(page)) == 61
    for count in (62, 1, 0):
        page.get_by_role("button", name="Undo").click()
        assert len(marked(page)) == count
    for count in (1, 62):
        page.get_by_role("button", name="Redo").click()
        assert len(marked(page)) == count

    page.get_by_role("button", name="Unmark all").click()
    assert marked(page) == []
    boxes(page).nth(3).focus()
    page.keyboard.press("a")
    assert len(marked(page)) == 62


def test_the_instructions_speak_of_the_view_that_is_chosen(page):
    says = {
        "Region": "Look at the bright part",
        "Outline": "Look at the outlined part",
        "Whole": "Only a part of each picture counts",
    }
    for view in ("Region", "Whole", "Outline"):
        page.get_by_role("radio", name=view, exact=True).click()
        lead = page.locator(".lead").inner_text()
        assert [word for word, sentence in says.items() if sentence in lead] == [view]


def test_a_reload_in_mid_work_restores_everything(page):
    page.locator("#concept").fill("green ball")
    page.locator("input[value='two things']").check()
    page.locator("#group-4").check()
    page.locator("#second-group").select_option("5")
    page.get_by_role("radio", name="Outline").click()
    boxes(page).nth(4).click()
    before = marked(page)
    page.reload()

    assert page.locator("#concept").input_value() == "green ball"
    assert page.locator("input[name=says]:checked").get_attribute("value") == "two things"
    assert page.locator("input[name=group]:checked").get_attribute("value") == "4"
    assert page.locator("#second-group").input_value() == "5"
    assert page.locator("input[name=view]:checked").get_attribute("value") == "outline"
    assert marked(page) == before
    expect(page.locator("[data-counter]")).to_have_text("1 of 63 marked")


def test_who_renames_after_marking_is_asked_to_look_at_the_marks(page):
    question = page.locator("[data-renamed]")
    page.locator("#concept").fill("green ball")
    boxes(page).nth(4).click()
    assert question.inner_text() == ""
    page.locator("#concept").fill("ball")
    page.locator("#concept").blur()

    assert "check that your marks still match" in question.inner_text()


def test_zoom_loads_the_large_picture_on_demand_and_marks_it(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    boxes(page).nth(7).focus()
    large = page.locator("[data-zoom]").nth(7).get_attribute("href")
    with page.expect_response(f"**{large}"):
        page.keyboard.press("z")
    wait_for(page, f"document.querySelector('#zoom .base').src.endsWith('{large}')")
    assert len([url for url in asked if "/pictures/" in url]) == 1
    expect(page.locator("#zoom-title")).to_have_text("Picture 8 of 63")
    page.keyboard.press("v")
    assert page.locator("input[name=view]:checked").get_attribute("value") == "outline"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("Escape")

    assert boxes(page).nth(8).is_checked()
    # Closing, the page goes on where one got to in the dialog, a moment later.
    wait_for(page, "document.activeElement === document.querySelectorAll('.tile input')[8]")


def test_without_javascript_the_plain_form_submits(browser_page, live_server, ana, address):
    page = browser_page
    switch_off_javascript(page)
    sign_in(page.context, live_server.url, ana)
    page.goto(address)
    page.locator("#concept").fill("green ball")
    boxes(page).nth(3).check()
    page.locator("#group-5").check()
    page.locator("#second-group").select_option("6")
    page.get_by_role("button", name="Submit and stop").click()
    page.wait_for_url("**/closing/")

    answer = Answer.objects.get()
    assert (answer.marks.count(), answer.group, answer.second_group) == (1, 5, 6)


def look(page, view, place):
    """What a picture of the grid looks like in a view, as an image."""
    page.get_by_role("radio", name=view, exact=True).click()
    page.mouse.move(0, 0)
    picture = page.locator("#pictures .picture").nth(place)
    picture.evaluate("element => element.scrollIntoView({block: 'center'})")  # not under the tools
    return Image.open(io.BytesIO(picture.screenshot())).convert("RGB")


def outside(color):
    """A color outside a region: brightness and saturation as the CSS filters define them."""
    grey = 0.213 * color[0] + 0.715 * color[1] + 0.072 * color[2]
    return [BRIGHTNESS * (grey + SATURATION * (channel - grey)) for channel in color]


def test_the_region_is_as_it_was_and_the_rest_darker_and_grayer(page, sheet):
    for place in (0, 31, 62):
        assert_region_is_as_it_was(page, sheet, place)


def assert_region_is_as_it_was(page, sheet, place):
    slot = int(boxes(page).nth(place).get_attribute("value"))
    whole, region = look(page, "Whole", place), look(page, "Region", place)
    corner = (slot % 8 * 112, slot // 8 * 112)
    mask = sheet.crop((*corner, corner[0] + 112, corner[1] + 112)).resize(whole.size)
    checked = 0
    for x in range(30, whole.width - 8, 6):  # neither the check box nor a round corner
        for y in range(30, whole.height - 8, 6):
            around = mask.crop((x - 3, y - 3, x + 4, y + 4)).getextrema()
            colors = whole.crop((x - 1, y - 1, x + 2, y + 2)).getextrema()
            if around[0] != around[1] or any(high - low > 3 for low, high in colors):
                continue  # an edge, of the region or in the picture
            shown = whole.getpixel((x, y))
            expected = shown if around[0] else outside(shown)
            assert region.getpixel((x, y)) == pytest.approx(expected, abs=3)
            checked += 1

    assert checked > 50


def test_a_marked_picture_is_crossed_out(page):
    plain = look(page, "Whole", 5)
    boxes(page).nth(5).check()
    crossed = look(page, "Whole", 5)

    middle = (plain.width // 2, plain.height // 2)
    red, green, blue = crossed.getpixel(middle)
    assert red > 200 > 150 > max(green, blue)
    assert plain.getpixel(middle) != crossed.getpixel(middle)


def test_the_instructions_have_examples_with_pictures(page):
    page.get_by_text("Instructions and examples").click()
    pictures = page.locator("#instructions .example-tiles img")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        wait_for(
            page,
            "number => document.querySelectorAll('#instructions .example-tiles img')[number]"
            ".naturalWidth === 160",
            arg=number,
        )

    assert pictures.count() == 17
    assert page.locator("#instructions .example-groups li").count() == 6


def test_saving_moves_nothing_on_the_page(page):
    place = "element => JSON.stringify(element.getBoundingClientRect())"
    moved = ["#pictures", ".give-back:not(.remark)", "[data-mark-all]"]
    before = [page.locator(part).evaluate(place) for part in moved]
    boxes(page).nth(4).click()
    page.locator("[data-saved]").wait_for()

    expect(page.locator("[data-saved]")).to_have_text("Saved, not submitted")
    assert [page.locator(part).evaluate(place) for part in moved] == before
