"""Nothing that is entered on a HIT page is lost or overwritten: tabs, crashes, no connection."""

import json

import pytest
from playwright.sync_api import expect

from annotator.crowd.answers.submission import AnswerForm
from annotator.crowd.answers.submission import submit as submit_answer
from annotator.crowd.scheduling.leases import accept
from annotator.models import Answer, Draft, Hit, Place, Unit
from tests.browsing import hurry, wait_for
from tests.views.sessions import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_tab(browser_page, live_server, ana, address):
    """Opens the HIT in another tab of Ana's browser."""
    sign_in(browser_page.context, live_server.url, ana)

    def open_one():
        page = browser_page.context.new_page()
        page.set_default_timeout(10_000)
        hurry(page)
        page.goto(address)
        return page

    return open_one


def boxes(page):
    return page.locator("input[name=marked]")


def marked(page):
    checked = page.locator("input[name=marked]:checked")
    return set(checked.evaluate_all("boxes => boxes.map(box => box.id)"))


def name(page):
    return page.locator("#concept").input_value()


def saved(page):
    """Wait until the server has all that this page says."""
    page.locator("[data-saved]").wait_for()


def enter(page, concept, *places):
    """Fill in a name and mark pictures; returns when the server has it."""
    if concept:
        page.locator("#concept").fill(concept)
    for place in places:
        boxes(page).nth(place).click()
    saved(page)


def notice(page, name):
    return page.locator(f"[data-notice={name}]")


def submit(page):
    page.locator('[name="then"][value="next"]').click()


def look_at(page):
    """What a browser tells a page that comes to the front."""
    with page.expect_response("**/draft/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_another_browser_goes_on_where_the_crashed_one_was(
    open_tab, browser, live_server, ana, address
):
    tab = open_tab()
    enter(tab, "green ball", 4, 9)
    slots = marked(tab)

    with browser.new_context() as context:
        sign_in(context, live_server.url, ana)
        other = context.new_page()
        other.goto(address)
        assert (name(other), marked(other)) == ("green ball", slots)


def test_marks_of_two_tabs_are_put_together(open_tab):
    one, two = open_tab(), open_tab()
    enter(one, "green ball", 4, 5)
    enter(two, "", 9)  # based on what was there before the first tab's
    notice(two, "merged").wait_for()
    look_at(one)

    three = marked(two)
    assert len(three) == 3
    assert name(two) == "green ball"
    assert marked(one) == three
    assert marked(open_tab()) == three


def test_a_mark_taken_back_in_one_tab_stays_away_in_the_other(open_tab):
    one = open_tab()
    enter(one, "", 4, 5)
    two = open_tab()
    enter(one, "", 4)
    enter(two, "", 9)
    notice(two, "merged").wait_for()

    assert marked(two) == {boxes(two).nth(place).get_attribute("id") for place in (5, 9)}


def test_two_names_are_a_question_and_neither_is_lost(open_tab):
    one, two = open_tab(), open_tab()
    enter(one, "green ball")
    enter(two, "red cube")
    notice(two, "conflict").wait_for()
    assert name(two) == "red cube"

    notice(two, "conflict").get_by_role("button").click()
    saved(two)

    assert name(two) == "green ball"
    assert Draft.objects.get().content["concept"] == "green ball"


def test_what_another_tab_changed_is_looked_at_before_it_counts(open_tab):
    one, two = open_tab(), open_tab()
    two.locator("#group-5").check()
    enter(two, "green ball", 3)
    enter(one, "", 4)  # merges: the other tab's name, group and mark are here now
    notice(one, "merged").wait_for()
    enter(one, "", 5)
    submit(two)  # which knows nothing of two marks
    notice(two, "merged").wait_for()
    assert not Answer.objects.exists()
    submit(two)
    two.wait_for_url("**/hits/")

    answer = Answer.objects.get()
    assert (answer.concept, answer.group, answer.marks.count()) == ("green ball", 5, 3)


def test_a_tab_says_that_the_other_one_has_submitted(open_tab):
    one, two = open_tab(), open_tab()
    enter(one, "green ball")
    one.locator("#group-5").check()
    submit(one)
    one.wait_for_url("**/hits/")
    boxes(two).nth(1).click()
    notice(two, "closed").wait_for()
    submit(two)
    two.wait_for_url("**/hits/")

    assert Answer.objects.get().marks.count() == 0


def test_without_a_connection_work_is_kept_and_saved_later(open_tab):
    tab = open_tab()
    tab.context.set_offline(True)
    tab.locator("#concept").fill("green ball")
    notice(tab, "offline").wait_for()
    assert not Draft.objects.exists()

    tab.context.set_offline(False)
    saved(tab)
    expect(notice(tab, "offline")).to_be_hidden()

    assert Draft.objects.get().content["concept"] == "green ball"


def test_a_crash_without_a_connection_loses_nothing(open_tab):
    tab = open_tab()
    tab.route("**/draft/", lambda route: route.abort())
    tab.locator("#concept").fill("green ball")
    boxes(tab).nth(4).click()
    notice(tab, "offline").wait_for()
    slots = marked(tab)
    tab.close()

    again = open_tab()
    assert (name(again), marked(again)) == ("green ball", slots)
    saved(again)
    assert Draft.objects.get().content["concept"] == "green ball"


def test_a_page_that_was_on_its_way_during_a_save_has_what_was_saved(open_tab, address):
    tab = open_tab()
    older = tab.request.get(address)
    enter(tab, "green ball", 4)
    slots = marked(tab)
    tab.route(address, lambda route: route.fulfill(response=older))
    tab.reload()
    tab.unroute_all()
    assert (name(tab), marked(tab)) == ("green ball", slots)
    tab.locator("#group-5").check()
    submit(tab)
    tab.wait_for_url("**/hits/")

    assert Answer.objects.get().concept == "green ball"


def test_an_answer_waits_for_the_connection_and_is_sent_once(open_tab):
    tab = open_tab()
    tab.locator("#group-5").check()
    enter(tab, "green ball")
    tab.context.set_offline(True)
    submit(tab)
    notice(tab, "sending").wait_for()
    submit(tab)
    tab.context.set_offline(False)
    tab.wait_for_url("**/hits/")

    assert Answer.objects.get().concept == "green ball"


def test_saves_that_wait_go_one_after_the_other(open_tab):
    """Two at once, of two changes during a slow save, would be a conflict with oneself."""
    tab = open_tab()
    held, statuses = [], []
    tab.route("**/draft/", lambda route: route.continue_() if held else held.append(route))
    tab.on("response", lambda answer: "/draft/" in answer.url and statuses.append(answer.status))
    with tab.expect_request("**/draft/"):
        tab.locator("#group-5").check()
    for concept in ("ball", "green ball"):
        tab.locator("#concept").fill(concept)
        tab.wait_for_timeout(150)  # until this is to be saved, too
    held[0].continue_()
    saved(tab)
    tab.wait_for_timeout(100)

    assert set(statuses) == {200}
    assert Draft.objects.get().content["concept"] == "green ball"


def test_the_views_used_are_kept(open_tab):
    tab = open_tab()
    for view in ("Whole", "Region"):
        tab.get_by_role("radio", name=view, exact=True).click()
        saved(tab)
    tab.reload()
    enter(tab, "", 4)

    assert Draft.objects.get().content["views"] == ["region", "whole"]


def test_a_page_that_was_only_looked_at_saves_nothing(open_tab):
    tab = open_tab()
    tab.wait_for_timeout(90)  # ten times as long on this page: a draft waits for half a second

    assert not Draft.objects.exists()
    assert json.loads(tab.locator("#hit").get_attribute("data-draft")) is None


def local_drafts(page):
    """Of which assignments this browser has a draft."""
    keys = page.evaluate("Object.keys(localStorage)")
    return {key.removeprefix(LOCAL) for key in keys if key.startswith(LOCAL)}


LOCAL = "unitscope:draft:"


def test_a_draft_that_the_server_lost_is_saved_again(open_tab):
    tab = open_tab()
    enter(tab, "green ball", 4)
    Draft.objects.all().delete()
    enter(tab, "green balls")

    draft = Draft.objects.get()
    assert (draft.revision, draft.content["concept"]) == (1, "green balls")
    assert len(draft.content["marked"]) == 1


def test_a_server_that_calls_every_draft_stale_is_not_asked_for_ever(open_tab):
    tab = open_tab()
    asked = []
    tab.route(
        "**/draft/",
        lambda route: asked.append(1) or route.fulfill(status=409, json={"revision": 0}),
    )
    tab.locator("#concept").fill("green ball")
    expect(notice(tab, "unsaved")).to_be_visible()
    tab.wait_for_timeout(300)

    assert len(asked) == 3


def test_a_cookie_that_ends_in_mid_hit_loses_nothing(open_tab, live_server, ana, address):
    tab = open_tab()
    enter(tab, "green ball", 4)
    tab.locator("#group-5").check()
    saved(tab)
    tab.context.clear_cookies()
    boxes(tab).nth(7).click()
    expect(notice(tab, "signed-out")).to_be_visible()
    submit(tab)
    expect(notice(tab, "signed-out")).to_be_visible()
    slots = marked(tab)
    tab.goto(address)
    expect(tab.get_by_role("heading", name="Please open your invite link first")).to_be_visible()

    sign_in(tab.context, live_server.url, ana)  # as the link does
    tab.goto(live_server.url + "/hits/")
    tab.get_by_role("button", name="Continue where you left off").click()

    expect(tab.locator("#concept")).to_have_value("green ball")
    assert marked(tab) == slots
    assert len(slots) == 2
    saved(tab)
    submit(tab)
    tab.wait_for_url("**/hits/")
    assert Answer.objects.get().marks.count() == 2


def test_only_drafts_that_are_done_with_are_removed_from_a_browser(open_tab, ana, assignment):
    study = assignment.worker.study
    others = [accept(ana, hit) for hit in more_hits(study, 2)]
    submit_answer(others[0], AnswerForm("cube", 5, frozenset()))
    tab = open_tab()
    tab.evaluate(
        "keys => keys.forEach((key) => localStorage.setItem(key, '{}'))",
        [f"{LOCAL}{key}" for key in (others[0].key, others[1].key, "of-another-worker")],
    )
    tab.reload()
    wait_for(tab, "key => !localStorage.getItem(key)", arg=f"{LOCAL}{others[0].key}")

    assert local_drafts(tab) == {others[1].key, "of-another-worker"}


def more_hits(study, count):
    """HITs of units that nobody has worked on, with the same pictures."""
    first = Hit.objects.get(unit__layer__network__study=study)
    layer = first.unit.layer
    for number in range(1, count + 1):
        unit = Unit.objects.create(
            layer=layer, number=number, maximum=1, threshold=0, saturated=False
        )
        hit = Hit.objects.create(unit=unit, hit_type=first.hit_type, masks=first.masks)
        Place.objects.create(hit=hit, number=1)
        for exemplar in first.shown:
            exemplar.pk, exemplar.unit, exemplar._state.adding = None, unit, True
            exemplar.save()
        yield hit
