"""A site as a reader opens it from disk: searching without a server, and nothing from elsewhere."""

from itertools import product

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from annotator.models import Answer, Study
from annotator.models.answer import Group
from tests.results.output.site.pictured import pictured_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(tmp_path):
    pictured_study(kind="simulated")
    return written(tmp_path)


def written(tmp_path):
    folder = tmp_path / "site"
    call_command("results", "rooms", "--format", "site", "--out", str(folder))
    return folder


@pytest.fixture
def refused(browser_page):
    """What the pages of a test ask for beyond the disk, and what their own policy refuses."""
    refused = []
    browser_page.on(
        "request",
        lambda request: None if request.url.startswith("file:") else refused.append(request.url),
    )
    browser_page.on(
        "console",
        lambda line: refused.append(line.text) if line.type in ("error", "warning") else None,
    )
    return refused


def test_a_unit_is_found_by_name_and_opened_from_disk(site, browser_page, refused):
    browser_page.goto((site / "index.html").as_uri())
    browser_page.get_by_role("link", name="Search", exact=True).click()
    expect(browser_page.get_by_text("6 of 6 units")).to_be_visible()

    browser_page.get_by_role("searchbox", name="Name").fill("Whee")
    expect(browser_page.get_by_text("1 of 6 units")).to_be_visible()
    assert browser_page.url.endswith("search.html#q=Whee")
    browser_page.locator(".unit-card a").click()

    expect(browser_page.get_by_role("heading", name="Unit 0: wheel")).to_be_visible()
    assert browser_page.locator(".banner").inner_text() == "Simulated workers."
    strips = browser_page.locator(".strip img")
    expect(strips).to_have_count(4)
    for number in range(4):
        expect(strips.nth(number)).to_have_js_property("naturalWidth", 4 * 96)
    assert refused == []


def test_a_link_to_a_question_shows_its_units(site, browser_page, refused):
    browser_page.goto((site / "search.html").as_uri() + "#group=4&sort=unit")

    expect(browser_page.get_by_text("1 of 6 units")).to_be_visible()
    assert browser_page.get_by_label("Group").input_value() == "4"
    browser_page.get_by_label("Group").select_option("")
    expect(browser_page.get_by_text("6 of 6 units")).to_be_visible()
    assert refused == []


def test_words_that_look_like_html_are_shown_as_words(site, browser_page, refused):
    units = site / "assets" / "units.js"
    text = units.read_text().replace("wheel", "<img src=x onerror=alert(1)>")
    units.write_text(text)

    browser_page.goto((site / "search.html").as_uri())

    expect(browser_page.locator(".unit-card strong")).to_have_text(["<img src=x onerror=alert(1)>"])
    assert refused == []


def test_no_page_is_wider_than_the_window(tmp_path, browser_page, refused):
    pictured_study(kind="simulated")
    Study.objects.update(threshold=0.5)
    Answer.objects.filter(says="concept").update(group=Group.OBJECT)  # a detector has a long badge
    site = written(tmp_path)
    assert "by consensus precision <b>0.875</b>" in (site / "index.html").read_text()
    for page in (*site.glob("*.html"), *site.glob("units/scenes/conv1/*.html")):
        browser_page.goto(page.as_uri())
        for width, scheme in product([1280, 390], ["light", "dark"]):
            browser_page.set_viewport_size({"width": width, "height": 900})
            browser_page.emulate_media(color_scheme=scheme)
            assert browser_page.evaluate("document.documentElement.scrollWidth") <= width, page.name
    assert refused == []
