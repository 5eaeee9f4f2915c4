"""Below 600 px: three columns, and a bar at the bottom with name, group, count and submit."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotator.crowd.answers.validation import SENTENCES
from annotator.models import Answer
from tests.browsing import hurry
from tests.service_fixtures import page_of
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def phone(browser):
    """What all of these tests browse with."""
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with browser.new_context(**phone) as context:
        yield context


@pytest.fixture
def page(phone, live_server, ana, assignment):
    with page_of(phone) as page:
        sign_in(phone, live_server.url, ana)
        hurry(page)
        page.goto(live_server.url + reverse("hit", args=[assignment.key]))
        yield page


def test_pictures_stand_in_three_columns_on_a_page_that_is_not_long(page):
    boxes = [page.locator(".tile").nth(place).bounding_box() for place in range(4)]

    assert boxes[0]["y"] == boxes[2]["y"] < boxes[3]["y"]
    assert boxes[0]["width"] > 110
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.documentElement.scrollHeight") <= 4500


SMALL_TARGETS = """() => {
  const links = "p a, li a, .visually-hidden, .skip-link"; // links within sentences may be small
  const targets = [...document.querySelectorAll("button, input, select, summary, a")];
  return targets
    .filter((target) => target.checkVisibility({ opacityProperty: true }) && !target.matches(links))
    .map((target) => target.closest("label, .tile > input") ?? target)
    .map((target) => [target.outerHTML.slice(0, 90), target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 40 || box.height < 40))
    .map(([html, box]) => `${box.width} x ${box.height}: ${html}`);
}"""


def test_all_that_can_be_tapped_is_at_least_40_px_large(page):
    assert page.evaluate(SMALL_TARGETS) == []

    page.locator("[data-group-open]").tap()
    assert page.evaluate(SMALL_TARGETS) == []

    page.locator("[data-group-close]").tap()
    page.locator("[data-zoom]").first.tap()
    assert page.evaluate(SMALL_TARGETS) == []


def test_name_group_count_and_submit_stay_in_sight(page):
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")

    for part in ("#concept", "[data-group-open]", "[data-bar-count]", '[name=then][value="next"]'):
        box = page.locator(part).bounding_box()
        assert 844 - 130 < box["y"] < box["y"] + box["height"] <= 844, part


def test_a_tap_marks_and_the_bar_counts(page):
    page.locator("input[name=marked]").nth(6).tap()

    expect(page.locator("[data-bar-count]")).to_have_text("1/63")


def test_the_loupe_enlarges_without_marking(page):
    page.locator("[data-zoom]").nth(2).tap()

    expect(page.locator("#zoom-title")).to_have_text("Picture 3 of 63")
    assert page.locator("input[name=marked]:checked").count() == 0


def test_the_groups_open_above_the_bar_and_close_when_one_is_tapped(page):
    opener = page.locator("[data-group-open]")
    expect(page.locator("#group-panel")).to_be_hidden()
    opener.tap()
    assert opener.get_attribute("aria-expanded") == "true"
    page.get_by_text("road, grass").tap()
    page.locator("#group-panel").wait_for(state="hidden")

    assert opener.inner_text() == "Regions and surfaces"
    assert page.locator("input[name=group]:checked").get_attribute("value") == "3"


def test_a_whole_hit(page):
    page.locator("input[name=marked]").nth(1).tap()
    page.locator("[data-group-open]").tap()
    page.get_by_text("car, person").tap()
    page.locator("#concept").fill("ball")
    page.locator('[name="then"][value="next"]').tap()
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert (answer.concept, answer.group, answer.marks.count()) == ("ball", 5, 1)


def test_a_missing_group_opens_the_groups(page):
    page.locator("#concept").fill("ball")
    page.locator('[name="then"][value="next"]').tap()

    expect(page.locator("#group-panel")).to_be_visible()
    assert page.locator("#group-error").inner_text() == str(SENTENCES["groupless"])
    assert not Answer.objects.exists()
