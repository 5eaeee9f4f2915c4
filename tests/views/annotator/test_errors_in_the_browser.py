"""Errors of a HIT page: found before anything is sent, and costing nothing that was entered."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotator.crowd.answers.validation import AnswerForm, validated
from annotator.crowd.errors import AnswerInvalid
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Draft
from tests.browsing import hurry, switch_off_javascript
from tests.crowd.studies import the_hit, workers
from tests.views.hits import pictured_study
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUBMIT = '[name="then"][value="next"]'


@pytest.fixture
def page(hit_in_browser):
    return hit_in_browser


def posts_to_hit(page):
    """Collects what the page submits from now on; its background requests are left out."""
    posts = []
    page.on("request", lambda request: request.is_navigation_request() and posts.append(request))
    return posts


def marked(page):
    checked = page.locator("input[name=marked]:checked")
    return set(checked.evaluate_all("boxes => boxes.map(box => box.id)"))


def sentences(page):
    """What the page says about the name and the group; nothing where nothing is wrong."""
    lines = {field: page.locator(f"#{field}-error") for field in ("concept", "group")}
    return {field: line.inner_text() for field, line in lines.items() if line.is_visible()}


def sentences_of_server(concept, group):
    try:
        validated(AnswerForm(concept, group, frozenset()), slots=())
    except AnswerInvalid as error:
        return error.errors
    return {}


@pytest.mark.parametrize("group", [None, 5])
def test_errors_are_found_before_submitting_in_the_sentences_of_the_server(page, group):
    names = ["", " ", "?!", "²", "été", "one two three four five six", "a\u00a0b c  d e f g", "_"]
    posts = posts_to_hit(page)
    if group:
        page.locator(f"#group-{group}").check()

    for name in names:
        expected = sentences_of_server(name, group)
        if not expected:
            continue  # would be submitted
        page.locator("#concept").fill(name)
        page.locator(SUBMIT).click()
        assert sentences(page) == expected, name
        in_focus = "concept" if "concept" in expected else "group-1"
        assert page.evaluate("document.activeElement.id") == in_focus
    assert posts == []


def test_a_sentence_goes_as_soon_as_it_is_no_longer_true(page):
    page.locator(SUBMIT).click()
    assert set(sentences(page)) == {"concept", "group"}

    page.locator("#concept").fill("green ball")
    assert set(sentences(page)) == {"group"}
    page.locator("input[value=nothing]").check()
    assert sentences(page) == {}
    assert page.locator("#concept").get_attribute("aria-invalid") == "false"


def test_marks_set_after_an_error_outlast_a_reload(page):
    page.locator("#concept").fill("green ball")
    page.locator(SUBMIT).click()
    assert set(sentences(page)) == {"group"}

    for place in (3, 8, 21):
        page.locator("input[name=marked]").nth(place).click()
    three = marked(page)
    page.reload()

    assert len(three) == 3
    assert marked(page) == three
    assert page.locator("#concept").input_value() == "green ball"


def test_after_a_refusal_reload_and_back_lose_nothing(browser_page, live_server, db):
    study = pictured_study(catch_policy="block", tops=20)
    ben = workers(study, "ben")[0]
    assignment = leases.accept(ben, the_hit(study))
    page = browser_page
    sign_in(page.context, live_server.url, ben)
    hurry(page)
    page.goto(live_server.url + reverse("hit", args=[assignment.key]))
    page.locator("#concept").fill("green ball")
    page.locator("#group-5").check()
    page.locator(SUBMIT).click()
    page.get_by_text("Please check the pictures again").wait_for()
    for place in (0, 1, 2):
        page.locator("input[name=marked]").nth(place).click()
    three = marked(page)
    page.locator("[data-saved]").wait_for()

    page.reload()  # asks nothing, because no form is sent again
    assert marked(page) == three
    expect(page.get_by_text("Please check the pictures again")).to_be_visible()
    page.go_back()
    assert marked(page) == three
    assert page.locator("#concept").input_value() == "green ball"
    assert not Answer.objects.exists()


def test_without_javascript_an_error_keeps_everything_through_reload_and_back(
    browser_page, live_server, ana, address
):
    page = browser_page
    switch_off_javascript(page)
    sign_in(page.context, live_server.url, ana)
    page.goto(address)
    page.locator("#concept").fill("green ball")
    for place in (3, 8, 21):
        page.locator("input[name=marked]").nth(place).check()
    three = marked(page)
    page.locator(SUBMIT).click()
    page.locator("#look-again").wait_for()
    assert sentences(page) == sentences_of_server("green ball", None)

    for step in (page.reload, page.go_back):
        step()
        assert marked(page) == three
        assert page.locator("#concept").input_value() == "green ball"
    assert Draft.objects.get().content["concept"] == "green ball"
