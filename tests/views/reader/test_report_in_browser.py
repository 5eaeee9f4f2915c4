"""The report of three networks tells its story: on a screen, a phone, paper, by links alone."""

import re
from contextlib import contextmanager
from time import perf_counter

import pytest
from django.urls import reverse

from annotator.models import Layer, Snapshot, Unit
from annotator.results.output.snapshots.lifecycle import take
from tests.browsing import barriers_in_both_schemes, follow, wait_for
from tests.views.reader.detecting import (
    DETECTED,
    MANY_CLASSES,
    NETWORKS,
    ONE_CLASS,
    RANDOM_IMAGES,
    RUNS,
    detecting_study,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A4_INCHES = (8.27, 11.69)
PRINTED_PX = 703  # 186 mm between the margins, at 96 px an inch
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
# Tables that go on sideways without saying so.
UNANNOUNCED = """() => [...document.querySelectorAll(".table-scroll")]
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .filter(each => {
    const hint = getComputedStyle(each, "::before");
    return !hint.content.includes("Scroll sideways") || hint.display === "none"
      || hint.visibility !== "visible";
  }).map(each => each.ariaLabel)"""
CUT = """() => [...document.querySelectorAll("main *")]
  .filter(each => each.checkVisibility() && !each.closest(".drawn.narrow"))
  .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def page(live_server, browser_page):
    return opened(live_server, browser_page)


def opened(live_server, page, **detectors):
    detecting_study(**detectors)
    page.goto(live_server.url + reverse("report", args=["rooms"]))
    return page


def height(page):
    return page.evaluate("document.documentElement.scrollHeight")


def first_picture(page):
    return page.locator(".region").first.bounding_box()["y"]


def test_a_report_is_at_most_4000_px_tall_and_shows_ten_pictures_the_first_by_900(page):
    assert page.locator(".region:visible").count() >= 10
    assert first_picture(page) + 100 <= 900  # all of it
    assert height(page) <= 4000


def test_on_a_phone_it_is_at_most_9000_px_tall_and_no_table_scrolls_without_a_hint(page):
    page.set_viewport_size({"width": 390, "height": 844})

    assert height(page) <= 9000
    page.evaluate(OPEN_ALL)
    assert page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].some(e => e.scrollWidth > e.clientWidth)"
    )
    # A hint is shown in the frame after the one in which a table turned out to be too wide.
    wait_for(page, f"({UNANNOUNCED})().length === 0")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(
    ("detected", "detecting"),
    [(MANY_CLASSES, NETWORKS[:1]), (ONE_CLASS, NETWORKS[:1]), (MANY_CLASSES, NETWORKS)],
    ids=["24 classes", "24 units of a class", "24 classes in three networks"],
)
def test_it_is_as_short_with_24_detectors_on_a_screen_a_phone_and_paper(
    live_server, browser_page, detected, detecting
):
    page = opened(live_server, browser_page, detected=detected, detecting=detecting)

    assert_short(page)


def assert_short(page):
    """It shows ten pictures, the first by 900 px, and is short on a screen, paper and a phone."""
    assert page.locator(".region:visible").count() >= 10
    assert first_picture(page) + 100 <= 900
    assert height(page) <= 4000
    assert 1 <= pages_of(page.pdf(format="A4", prefer_css_page_size=True)) <= 6
    page.set_viewport_size({"width": 390, "height": 844})
    assert height(page) <= 9000


@pytest.mark.parametrize("detecting", [RUNS[:1], RUNS[:3]], ids=["one run", "three runs"])
def test_it_is_as_short_with_chance_levels_and_training_runs_beside_24_classes(
    live_server, browser_page, detecting
):
    networks = (*RUNS, RANDOM_IMAGES)
    page = opened(
        live_server, browser_page, detected=MANY_CLASSES, detecting=detecting, networks=networks
    )

    for section in ("Beside chance", "Over training runs"):
        assert page.get_by_role("heading", name=section).is_visible()
    assert_short(page)


def test_detectors_that_the_gallery_has_no_room_for_are_one_link_away(live_server, browser_page):
    page = opened(live_server, browser_page, detected=MANY_CLASSES)

    assert page.locator(".detector").count() == 16
    follow(page.get_by_role("link", name="8 more detectors of relu5", exact=True))
    assert page.get_by_role("checkbox", name="Detectors only").is_checked()
    assert page.locator("main h1").inner_text().startswith("relu5")


def test_the_plan_is_folded_and_its_line_says_what_came_of_it(page):
    plan = page.locator("details", has=page.locator(".plan"))

    assert plan.get_attribute("open") is None
    assert plan.locator("summary").inner_text() == (
        "Preregistered plan: 1 of 1 hypothesis supported, 1 of 2 points of the plan kept"
    )


def test_the_comparison_is_three_lines_and_exploratory_is_said_once(page):
    lines = page.locator("[aria-labelledby=comparisons] .lines li:visible").all_inner_texts()
    assert len(lines) == 3
    assert all("not compared" not in line for line in lines)
    page.evaluate(OPEN_ALL)
    assert page.locator("body").inner_text().lower().count("exploratory") == 1


def test_findings_and_gallery_have_no_barrier(page):
    assert barriers_in_both_schemes(page) == []


def test_it_prints_on_at_most_six_pages_without_navigation_and_nothing_is_cut(page):
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINTED_PX, "height": 1000})

    assert 1 <= pages_of(printed) <= 6
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {tuple(round(float(side) / 72, 1) for side in box) for box in boxes} == {(8.3, 11.7)}
    for hidden in (".site-header", ".study-tabs", ".downloads", ".threshold", ".skip-link"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.evaluate(CUT) == []
    page.evaluate(OPEN_ALL)  # what a reader opens is printed too
    assert page.evaluate(CUT) == []


def pages_of(pdf):
    """The number of pages of a PDF."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@contextmanager
def found_within_60_s():
    """Fail where a reader needs longer to find an answer."""
    begun = perf_counter()
    yield
    assert perf_counter() - begun <= 60


def test_the_sixty_second_walk_finds_the_detectors_by_visible_links_alone(page):
    """docs/results.md: which units, of what, shown by which pictures, how sure."""
    finding, classes = page.locator(".findings li").first, page.locator(".of-class")
    with found_within_60_s():  # which units are object detectors
        assert re.search(
            r"scene network, relu5: 10 of 16 units, 62\.5 % "
            r"\(95 % interval \d+\.\d to \d+\.\d %\), are object detectors",
            finding.inner_text(),
        )
        finding.get_by_role("link", name="classes").click()
        units = page.locator(".detector p > a:first-child").all_inner_texts()
        assert sorted(units) == sorted(f"Unit {unit}" for unit in DETECTED)
    with found_within_60_s():  # of what
        named = {each.locator("h4").inner_text(): each for each in classes.all()}
        assert set(named) == set(DETECTED.values())
        assert named["stove"].locator(".detector").count() == 3
    with found_within_60_s():  # shown by which pictures
        assert named["stove"].locator(".region").count() == 3 * 5
        follow(named["house"].get_by_role("link", name="Unit 3", exact=True))
        assert "house" in page.locator("h1").inner_text()
        assert page.locator("main .region").count() >= 6
        follow(page.get_by_role("link", name="Results of rooms"))
        assert "Findings" in page.locator("h2").first.inner_text()
    with found_within_60_s():  # how sure
        detector = named["house"].locator(".detector")
        bar = detector.locator(".precision-bar title").text_content()
        assert re.match(r"Consensus precision \d\.\d{3}.*95 % interval", bar)
        assert detector.locator(".badge").inner_text() in ("supported", "uncertain")
        page.get_by_role("button", name="Supported or uncertain").click()
        assert "Tested is" in page.locator(":popover-open").inner_text()


def test_a_class_that_may_go_on_in_the_other_column_repeats_its_name(live_server, browser_page):
    page = opened(live_server, browser_page, detected=ONE_CLASS)

    detectors = page.locator(".detector").count()
    assert detectors >= 3
    assert page.locator(".again:visible").all_inner_texts() == ["stove"] * (detectors - 1)
    page.set_viewport_size({"width": 390, "height": 900})  # one column
    assert page.locator(".again:visible").count() == 0


def test_the_table_of_precision_fits_a_window_of_1280_px_with_all_its_notes(
    live_server, browser_page
):
    study = detecting_study()
    layers = Layer.objects.filter(network__study=study)
    Unit.objects.bulk_create(  # not published: the units of every layer are sampled
        Unit(layer=layer, number=number, maximum=1, threshold=0, saturated=False, broad_share=0.9)
        for layer in layers
        for number in range(100, 300)
    )
    Snapshot.objects.all().delete()  # it was made without them
    take(study)
    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))
    browser_page.evaluate(OPEN_ALL)

    table = browser_page.get_by_role("region", name="Table of precision by layer")
    for note in ("units sampled", "200 broad"):
        assert note in table.inner_text()
    assert table.evaluate("each => each.scrollWidth - each.clientWidth") <= 0


def test_pointing_at_a_mark_of_a_figure_tells_its_value(page):
    for figure, words in (
        ("precision", r"scene network, relu5: 0\.\d{3}, 95 % interval 0\.\d{3} to \d\.\d{3}"),
        ("groups", r"scene network, relu5: Objects \d+\.\d %"),
    ):
        titles = page.locator(f"#figure-{figure} .wide title").all_text_contents()
        assert any(re.fullmatch(words, title) for title in titles), figure


def test_the_threshold_is_chosen_on_the_page_and_links_keep_it(page):
    page.get_by_role("combobox", name="Threshold").select_option("0.95")
    follow(page.locator(".threshold").get_by_role("button", name="Apply"))

    assert page.url.endswith("?threshold=0.95")
    assert "strictly above 0.95" in page.locator(".findings").inner_text()
    assert "chosen after seeing the data" in page.locator(".findings .message").inner_text()
    follow(page.locator(".detector").first.get_by_role("link", name=re.compile("^Unit 0$")))
    assert "threshold=0.95" in page.url
    follow(page.get_by_role("link", name="Results of rooms"))
    follow(page.get_by_role("link", name="Back to 0.75"))
    assert "threshold" not in page.url
    assert page.locator(".findings .message").count() == 0


def test_precision_and_consensus_precision_never_share_a_name(page):
    """On the report, a layer's page and a unit's page: a name opens one definition."""
    named = set()
    for address in ("", "scene-network/relu5/", "scene-network/relu5/0", "named/"):
        page.goto(page.url.split("/results/")[0] + f"/results/rooms/{address}")
        named |= {
            (button.inner_text().lower(), button.get_attribute("popovertarget"))
            for button in page.locator("main .defined:visible").all()
        }

    of_consensus = {words for words, key in named if key == "def-precision_under_consensus"}
    assert of_consensus == {"consensus precision"}
    assert {key for words, key in named if words == "consensus precision"} == {
        "def-precision_under_consensus"
    }
    assert ("precision", "def-precision") in named
