"""Pictures that do not load, and pictures that nobody should have to look at."""

import pytest
from playwright.sync_api import expect

from annotator.models import Answer, PictureReport
from tests.browsing import hurry, wait_for
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser_page, live_server, ana):
    """Ana's browser, before it opens the HIT."""
    hurry(browser_page)
    sign_in(browser_page.context, live_server.url, ana)
    return browser_page


def tile(page, place):
    return page.locator(".tile").nth(place)


def name_and_submit(page):
    page.locator("#concept").fill("green ball")
    page.locator("#group-5").check()
    page.locator('[name="then"][value="next"]').click()


def hidden(page):
    return page.locator(".tile.is-hidden").count()


def break_pictures(page, *names):
    for name in names:
        page.route(f"**/pictures/{name}", lambda route: route.abort())


def some_pictures(assignment, count):
    images = assignment.unit.exemplars.order_by("slot")[:count]
    return [exemplar.image.tile for exemplar in images]


def test_a_picture_is_hidden_in_one_click_and_not_counted(page, address):
    page.goto(address)
    tile(page, 5).hover()
    with page.expect_response("**/hide/"):
        tile(page, 5).locator(".hide").click()
    page.locator("input[name=marked]").nth(5).focus()
    page.keyboard.press("x")  # cannot be marked
    page.keyboard.press("Space")

    expect(page.locator("[data-counter]")).to_have_text("0 of 62 marked")
    expect(tile(page, 5).locator("img").first).to_be_hidden()
    name_and_submit(page)
    page.wait_for_url("**/hits/")
    answer, report = Answer.objects.get(), PictureReport.objects.get()
    assert report.why == "hidden"
    assert answer.shown + answer.catch_shown == 62


def test_the_key_h_hides_and_shows_again(page, address):
    page.goto(address)
    page.locator("input[name=marked]").nth(2).check()
    page.keyboard.press("h")
    page.wait_for_timeout(100)
    assert page.locator("input[name=marked]:checked").count() == 0
    page.reload()
    assert hidden(page) == 1
    page.locator("input[name=marked]").nth(2).focus()
    with page.expect_response("**/hide/"):
        page.keyboard.press("h")

    assert hidden(page) == 0
    assert not PictureReport.objects.exists()


def test_hiding_too_many_pictures_is_said_before_submit_and_undone_by_showing_one(page, address):
    page.goto(address)
    warning = page.get_by_text("Too many pictures are hidden: an answer needs 32 pictures.")
    press_all = "tiles => tiles.forEach((each) => each.querySelector('.hide').click())"
    page.locator(".tile:nth-child(-n+31)").evaluate_all(press_all)
    expect(page.locator("[data-counter]")).to_have_text("0 of 32 marked")
    expect(warning).to_be_hidden()

    tile(page, 40).locator(".hide").click()
    expect(warning).to_be_visible()
    tile(page, 1).locator(".hide").click()
    expect(warning).to_be_hidden()


def test_the_large_picture_goes_on_to_the_next_when_one_is_hidden(page, address):
    page.goto(address)
    page.locator("input[name=marked]").nth(2).focus()
    page.keyboard.press("z")
    page.get_by_role("button", name="Hide and report", exact=True).click()
    expect(page.locator("#zoom-title")).to_have_text("Picture 4 of 63")
    page.keyboard.press("ArrowLeft")

    expect(page.locator("#zoom-title")).to_have_text("Picture 2 of 63")
    assert hidden(page) == 1


def test_what_does_not_load_at_first_is_tried_again_by_itself(page, address, assignment):
    name = some_pictures(assignment, 1)[0]
    asked = []

    def fail_once(route):
        asked.append(route)
        route.abort() if len(asked) == 1 else route.continue_()

    page.route(f"**/pictures/{name}", fail_once)
    page.goto(address)
    wait_for(page, "[...document.querySelectorAll('.tile img')].every(i => i.naturalWidth)")

    assert page.locator(".is-failed").count() == 0
    assert len(asked) > 1


def test_submit_waits_until_what_failed_is_retried(page, address, assignment):
    names = some_pictures(assignment, 2)
    break_pictures(page, *names)
    page.goto(address)
    page.locator("[data-notice=failed]").wait_for()
    wait_for(page, "document.querySelectorAll('.is-failed').length === 2")
    name_and_submit(page)
    page.wait_for_timeout(300)
    assert not Answer.objects.exists()

    page.unroute_all()
    page.locator("[data-retry-all]").click()
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert answer.shown + answer.catch_shown == 63


def test_what_never_loads_is_reported_and_not_counted(page, address, assignment):
    break_pictures(page, *some_pictures(assignment, 2))
    page.goto(address)
    wait_for(page, "document.querySelectorAll('.is-failed').length === 2")
    name_and_submit(page)
    page.locator("[data-hide-failed]").click()
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert answer.shown + answer.catch_shown == 61
    assert list(PictureReport.objects.values_list("why", flat=True)) == ["not loaded"] * 2


def test_an_answer_waits_until_the_server_knows_what_was_hidden(page, address):
    held = []
    page.route("**/hide/", lambda route: held.append(route))
    page.goto(address)
    tile(page, 5).hover()
    tile(page, 5).locator(".hide").click()
    name_and_submit(page)
    page.wait_for_timeout(300)
    assert not Answer.objects.exists()
    held[0].continue_()
    page.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert answer.shown + answer.catch_shown == 62


@pytest.mark.parametrize(
    "fail",
    [lambda route: route.abort(), lambda route: route.fulfill(status=503)],
    ids=["no connection", "server down"],
)
def test_what_was_hidden_without_an_answer_is_told_again(page, address, fail):
    page.route("**/hide/", fail)
    page.goto(address)
    tile(page, 5).hover()
    tile(page, 5).locator(".hide").click()
    page.locator("[data-notice=offline]").wait_for()
    name_and_submit(page)
    page.unroute_all()
    page.wait_for_url("**/hits/")

    assert PictureReport.objects.get().why == "hidden"


def test_submit_waits_for_a_slow_picture_and_then_goes_by_itself(page, address, assignment):
    slow = []
    name = some_pictures(assignment, 1)[0]
    page.route(f"**/pictures/{name}", lambda route: slow.append(route))
    page.goto(address, wait_until="domcontentloaded")
    name_and_submit(page)
    page.locator("[data-notice=waiting]").wait_for()
    assert not Answer.objects.exists()
    for route in slow:
        route.continue_()
    page.wait_for_url("**/hits/")

    assert Answer.objects.get().concept == "green ball"


def test_without_its_regions_a_hit_is_not_submitted(page, address):
    page.route("**/sheets/*.png", lambda route: route.abort())
    page.goto(address)
    page.locator("[data-notice=sheet]").wait_for()
    name_and_submit(page)
    page.wait_for_timeout(300)
    assert not Answer.objects.exists()
    page.unroute_all()
    page.locator("[data-reload]").click()
    page.locator("[data-notice=sheet]").wait_for(state="hidden")
    page.locator('[name="then"][value="next"]').click()
    page.wait_for_url("**/hits/")

    assert Answer.objects.get().concept == "green ball"
