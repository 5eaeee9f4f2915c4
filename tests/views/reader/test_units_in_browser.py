"""What is seen first of a unit and of a layer: pictures, large, and filters that need no button.

What needs Django is imported late: pytest may load this file before Django is configured.
"""

from itertools import product

import pytest
from playwright.sync_api import expect

from tests.browsing import follow, switch_off_javascript, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unit_page(live_server, browser_page):
    """The page of a unit that simulated workers named for an object; it has 60 top images."""
    from annotator.results.output.snapshots.lifecycle import take
    from tests.results.studies import get_unit, store_answer
    from tests.views.hits import pictured_study

    study = pictured_study(layers=(("scenes", "conv1", 3),))
    for number in range(3):
        unit = get_unit(study, number=number)
        for worker, marked in (("ada", ()), ("ben", (2, 40)), ("cleo", (2, 5))):
            store_answer(study, unit, worker, " wHEELS", group=5, marked=marked, kind="simulated")
    take(study)
    browser_page.goto(f"{live_server.url}/results/rooms/scenes/conv1/1")
    return browser_page


def boxes(page, selector):
    """The visible elements of a selector: their boxes on the page."""
    elements = page.locator(selector).all()
    return [each.bounding_box() for each in elements if each.is_visible()]


def test_the_first_picture_is_in_view_and_twelve_are_large(unit_page):
    tiles = boxes(unit_page, ".exemplars svg.region")

    assert tiles[0]["y"] <= 300
    assert min(tile["width"] for tile in tiles) >= 150
    assert len(tiles) == 12

    unit_page.get_by_text("Show the other 48 top images").click()
    assert len(boxes(unit_page, ".exemplars svg.region")) == 60


def test_name_precision_and_kind_stand_in_one_line_above_the_pictures(unit_page):
    places = [boxes(unit_page, f".unit-head {part}") for part in ("h1", ".precision-bar", ".kind")]
    middles = [place[0]["y"] + place[0]["height"] / 2 for place in places]

    assert unit_page.locator("h1").inner_text() == "Unit 1: wheel"
    assert unit_page.locator(".kind").inner_text() == "Objects"
    assert max(middles) - min(middles) <= 12
    assert "object detector" in unit_page.locator(".unit-head .badge").inner_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_badge_of_a_detector_with_a_second_round_is_in_one_piece(
    live_server, browser_page, width
):
    from tests.views.reader.test_report_sections import whole_study

    whole_study()
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(f"{live_server.url}/results/rooms/scenes/conv1/0")

    line = browser_page.locator(".unit-line")
    assert "held-out precision" in line.inner_text()
    assert line.locator(".badge").inner_text().startswith("object detector, ")
    (badge,), (precision,) = (boxes(line, part) for part in (".badge", ".of-precision"))
    assert badge["height"] <= 30
    if width == 1280:  # beside all that is said about the unit
        assert abs(badge["y"] + badge["height"] / 2 - precision["y"] - precision["height"] / 2) <= 4
        assert line.bounding_box()["height"] <= 32


def test_disputed_pictures_are_marked(unit_page):
    captions = unit_page.locator(".exemplars small").all_inner_texts()

    assert [n for n, text in enumerate(captions, 1) if "disputed" in text] == [2, 5]
    assert unit_page.locator(".exemplars .disputed").count() == 3  # one is folded
    styles = unit_page.evaluate(
        "[...document.querySelectorAll('.exemplars .fit')].slice(0, 2)"
        ".map(each => getComputedStyle(each).borderTopStyle)"
    )
    assert styles == ["solid", "dashed"]


def test_answers_stand_beside_the_pictures_in_clean_words(unit_page):
    pictures, answers = boxes(unit_page, ".exemplars.large")[0], boxes(unit_page, ".answers")[0]

    assert answers["x"] >= pictures["x"] + pictures["width"]
    assert answers["y"] < pictures["y"] + pictures["height"] / 2
    assert unit_page.locator(".answers b").all_inner_texts() == ["wheels"] * 3


def test_tiles_are_large_enough_to_judge_and_nothing_scrolls_sideways(unit_page, live_server):
    for address, width in product(["", "1"], [390, 1280]):
        unit_page.set_viewport_size({"width": width, "height": 844})
        unit_page.goto(f"{live_server.url}/results/rooms/scenes/conv1/{address}")

        tiles = boxes(unit_page, ".unit-card svg.region")
        assert min(tile["width"] for tile in tiles) >= 96, (address, width)
        assert unit_page.evaluate("document.documentElement.scrollWidth") == width, address


@pytest.fixture
def layer_address(live_server):
    """A layer of thirty units; unit n of the first ten is a "dog n" of falling precision."""
    from annotator.results.output.snapshots.lifecycle import take
    from tests.crowd.studies import published_study
    from tests.results.studies import get_unit, store_answer

    study = published_study("many", layers=(("scenes", "conv1", 30),), tops=10)
    for number in range(10):
        for worker in ("ada", "ben"):
            marked = range(1, number + 1)
            unit = get_unit(study, number=number)
            store_answer(study, unit, worker, f"dog {number}", group=5, marked=marked)
    store_answer(study, get_unit(study, number=11), "ada", "cat")
    store_answer(study, get_unit(study, number=11), "ben", "sofa")
    take(study)
    return f"{live_server.url}/results/many/scenes/conv1/"


def names(page):
    return page.locator(".unit-card h2").all_inner_texts()


def test_filters_apply_without_a_button_and_keep_the_place(browser_page, layer_address):
    browser_page.goto(layer_address)
    assert len(names(browser_page)) == 24
    expect(browser_page.get_by_role("button", name="Show")).to_be_hidden()

    field = browser_page.get_by_label("Name")
    field.press_sequentially("dog 3")
    wait_for(browser_page, "document.querySelectorAll('.unit-card').length === 1")
    assert names(browser_page) == ["Unit 3"]
    assert field.evaluate("each => each === document.activeElement")
    assert "q=dog%203&" in browser_page.url

    field.fill("")
    browser_page.get_by_label("Precision from").fill("0.75")
    wait_for(browser_page, "document.querySelectorAll('.unit-card').length === 4")
    browser_page.get_by_label("Precision to").fill("0.85")
    wait_for(browser_page, "document.querySelectorAll('.unit-card').length === 1")
    assert names(browser_page) == ["Unit 2"]


def test_filters_work_with_a_button_where_there_is_no_script(browser_page, layer_address):
    page = browser_page
    switch_off_javascript(page)
    page.goto(layer_address)

    page.get_by_label("Detectors only").check()
    follow(page.get_by_role("button", name="Show"))

    assert names(page) == ["Unit 0", "Unit 1", "Unit 2"]


def test_every_card_shows_the_number_that_it_is_sorted_by(browser_page, layer_address):
    for order, first, number in (
        ("precision", "precision", "1.000"),
        ("consensus", "consensus precision", "1.000"),
        ("answers", "answers", "2"),
        ("returns", "return rate", "0.0 %"),
    ):
        browser_page.goto(f"{layer_address}?order={order}")
        card = browser_page.locator(".unit-card").first

        assert card.locator(".sorted-by").inner_text() == number
        assert card.locator(".numbers").inner_text().startswith(f"{first} {number}")


def test_a_card_gives_the_words_where_there_is_no_consensus(browser_page, layer_address):
    browser_page.goto(f"{layer_address}?q=cat")

    assert "cat, sofa no consensus" in browser_page.locator(".unit-card").inner_text()
