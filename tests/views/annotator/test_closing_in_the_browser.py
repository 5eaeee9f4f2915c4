"""The remark on a HIT page and the closing question, in a real Chromium, large and small."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from annotator.models import Answer, ClosingAnswer, MarketSession
from tests.browsing import hurry
from tests.crowd.markets import code_of, participant_of, prolific_link
from tests.views.annotator.test_accessible import assert_accessible
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_a_remark_outlives_a_reload_and_who_stops_is_asked_once(
    browser_page, live_server, ana, assignment, size
):
    page = browser_page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(page.context, live_server.url, ana)
    hurry(page)
    page.goto(live_server.url + reverse("hit", args=[assignment.key]))
    page.evaluate("document.querySelector('[name=says][value=nothing]').click()")
    page.get_by_text("Add a remark").click()
    with page.expect_response("**/draft/"):
        page.get_by_label("Remark about this set").fill("All of them are gray.")
    assert_accessible(page)

    page.reload()
    assert page.get_by_label("Remark about this set").input_value() == "All of them are gray."
    page.get_by_role("button", name="Submit and stop").click()

    page.wait_for_url("**/closing/")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    heights = {button.bounding_box()["height"] for button in page.locator("[name=used_ai]").all()}
    assert page.locator("[name=used_ai]").count() == 3
    assert len(heights) == 1
    page.get_by_role("button", name="I would rather not say").click()
    page.wait_for_url("**/hits/")
    assert page.get_by_text("Did you use").count() == 0
    assert Answer.objects.get().remark == "All of them are gray."
    assert ClosingAnswer.objects.get(worker=ana).used_ai is None


@pytest.mark.parametrize("width", [1280, 390])
def test_a_completion_code_is_shown_whole(browser_page, live_server, study, width):
    worker = participant_of(prolific_link(study)).worker
    MarketSession.objects.update(outcome="timed out", ended_at=now())
    browser_page.set_viewport_size({"width": width, "height": 844})
    sign_in(browser_page.context, live_server.url, worker)

    browser_page.goto(live_server.url + reverse("finished"))

    code = browser_page.locator("#code")
    assert code.input_value() == code_of("timed out")
    assert code.evaluate("input => input.scrollWidth <= input.clientWidth")
