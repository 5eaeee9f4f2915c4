"""Reviewing in a real browser: accessible at desk and phone size, by keyboard alone."""

from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import expect

from annotator.models import Assignment, AuditRow, Unit
from tests.views.annotator.test_accessible import DESKTOP, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reviewed(db):
    """Three units with pictures; Ana works carefully, Zoe in haste; Ben gives one back."""
    from annotator.crowd.answers import traces
    from annotator.crowd.answers.submission import AnswerForm, submit
    from annotator.crowd.scheduling import leases
    from tests.crowd.studies import workers
    from tests.views.hits import pictured_study

    study = pictured_study(tops=12, catches=3, layers=(("squeezenet", "fire9/concat", 3),))
    ana, ben, zoe = workers(study, "ana", "ben", "zoe")
    units = list(Unit.objects.filter(layer__network__study=study).prefetch_related("hits"))
    trace = {"active_seconds": 95, "paste_count": 1, "focus_lost_count": 6, "mark_order": []}
    for worker, words in ((ana, ["red ball", "sky", "wheels"]), (zoe, ["x", "thing", "a thing"])):
        for unit, concept in zip(units, words, strict=True):
            assignment = leases.accept(worker, unit.hit)
            earlier = F("accepted_at") - timedelta(seconds=100)
            Assignment.objects.filter(pk=assignment.pk).update(accepted_at=earlier)
            seen = {str(slot): 900 for slot in range(15 if worker == ana else 4)}
            traces.save(assignment, trace | {"seen_ms": seen, "views": ["region", "whole"]})
            catch = unit.exemplars.filter(role="catch").values_list("slot", flat=True)
            marked = frozenset(catch) | {0, 1} if worker == ana else frozenset()
            submit(assignment, AnswerForm(concept, 5, marked))
    leases.give_back(leases.accept(ben, units[0].hit), "I cannot tell what these are.")
    Assignment.objects.filter(submitted_at__isnull=False).update(
        accepted_at=F("submitted_at") - timedelta(seconds=100)
    )
    return study


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)])
def test_the_pages_are_accessible_and_fit(browser_page, live_server, reviewed, scheme, size):
    page = browser_page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    key = Assignment.objects.filter(worker__key="zoe").first().key
    paths = ["review/", f"review/{key}/", "workers/", "workers/zoe/", "workers/ben/", ""]
    for path in [*(f"/studies/{reviewed}/{path}" for path in paths), "/review/"]:
        page.goto(live_server.url + path, timeout=30_000)
        assert_accessible(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{path} is {width} px wide"


def test_words_open_by_a_key_but_not_while_feedback_is_typed(browser_page, live_server, reviewed):
    page = browser_page
    key = Assignment.objects.filter(worker__key="zoe").first().key
    page.goto(f"{live_server.url}/studies/{reviewed}/review/{key}/")
    page.locator("input[name=feedback]").focus()
    page.keyboard.type("too fast or so")
    expect(page.locator("input[name=feedback]")).to_have_value("too fast or so")
    expect(page.get_by_role("button", name="Open words")).to_be_visible()
    page.locator("h1").click()

    page.keyboard.press("o")

    expect(page.get_by_text("You have opened the words of this HIT")).to_be_visible()
    assert AuditRow.objects.get().action == "open answer"


def test_answers_are_chosen_and_proposed_for_rejection_with_the_keyboard_alone(
    browser_page, live_server, reviewed
):
    at_once = Assignment.objects.filter(worker__key="zoe")
    at_once.update(accepted_at=F("submitted_at") - timedelta(seconds=2))
    page = browser_page
    page.goto(f"{live_server.url}/studies/{reviewed}/review/?signal=catch")
    page.locator("input[name=assignment]").first.focus()
    page.keyboard.press("Space")
    page.locator("input[name=feedback]").focus()
    page.keyboard.type("The catch images were left unmarked.")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("1 rejections are proposed.").wait_for()

    row = AuditRow.objects.get()
    assert (row.action, row.assignment.worker.key) == ("rejection proposed", "zoe")
    assert page.locator("li.card").count() == 3


def test_the_table_of_workers_fits_a_desk_with_every_column_filled(
    browser_page, live_server, reviewed
):
    browser_page.goto(f"{live_server.url}/studies/{reviewed}/workers/")

    browser_page.evaluate(
        """() => {
            document.querySelectorAll(".share").forEach((cell) => {
                cell.textContent = "120 of\\u00a0240";
            });
            document.querySelectorAll("th[scope=row] a").forEach((link) => {
                link.textContent = "5f8d5f8d5f8d5f8…";
            });
        }"""
    )

    table = browser_page.get_by_role("region", name="Workers", exact=True)
    assert table.evaluate("region => region.scrollWidth <= region.clientWidth")
