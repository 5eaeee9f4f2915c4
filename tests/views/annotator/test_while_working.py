"""What a HIT page does in the background while somebody works: traces and prefetching."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, Place, Trace
from tests.crowd.studies import workers
from tests.views.hits import pictured_study
from tests.views.sessions import sign_in

PART = {
    "active_seconds": 2.5,
    "paste_count": 1,
    "focus_lost_count": 0,
    "seen_ms": {"3": 900},
    "mark_order": [3],
    "views": ["region"],
}
COMPLETE = {"concept": "green ball", "group": "5", "says": "concept", "then": "stop"}


@pytest.mark.django_db
def test_a_trace_comes_with_drafts_when_the_page_is_left_and_on_submit(as_ana, assignment):
    form = {"concept": "", "group": None, "says": "concept", "marked": [], "view": "region",
            "views": []}  # fmt: skip
    Assignment.objects.update(accepted_at=now() - timedelta(minutes=1))
    draft, left, page = (reverse(name, args=[assignment.key]) for name in ("draft", "trace", "hit"))
    as_ana.post(draft, json.dumps({"revision": 0, "content": form, "trace": PART}), "text/plain")
    assert as_ana.post(left, json.dumps(PART), "text/plain").status_code == 204
    as_ana.post(page, COMPLETE | {"trace": json.dumps(PART | {"mark_order": [5]})})

    trace = Trace.objects.get()
    assert (trace.active_seconds, trace.paste_count) == (7.5, 3)
    assert (trace.seen_ms, trace.mark_order) == ({"3": 2700}, [3, 3, 5])


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["{", "[]", "7", '{"active_seconds": -1}', "[" * 100_000])
def test_an_odd_trace_never_costs_an_answer(as_ana, assignment, odd):
    as_ana.post(reverse("hit", args=[assignment.key]), COMPLETE | {"trace": odd})

    assert Answer.objects.count() == 1
    assert not Trace.objects.exists()


@pytest.mark.django_db
def test_prefetching_lists_the_next_pictures_in_an_order_that_reveals_nothing(client, two_hits):
    mine, second = two_hits

    urls = client.get(reverse("ahead", args=[mine.key])).json()["pictures"]

    assert urls[0] == reverse("sheet", args=[second.masks])
    tiles = second.shown.values_list("image__tile", flat=True)
    assert urls[1:] == sorted(reverse("picture", args=[tile]) for tile in set(tiles))
    assert Assignment.objects.count() == 1  # nothing is accepted by it
    assert Place.objects.free().filter(hit=second).count() == 3


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_the_page_traces_is_what_happened(browser_page, live_server):
    # No other test has the pictures of this seed: the browser's cache does not hold them before.
    study = pictured_study(layers=(("n", "l", 2),), worker_share=1, seed=7)
    ana = workers(study, "ana")[0]
    mine = leases.accept(ana, study.networks.get().layers.get().units.first().hit)
    page = browser_page
    sign_in(page.context, live_server.url, ana)
    page.goto(live_server.url + reverse("hit", args=[mine.key]))
    boxes = page.locator("input[name=marked]")
    above = [int(boxes.nth(place).get_attribute("value")) for place in range(3)]
    last = boxes.nth(62).get_attribute("value")

    boxes.nth(1).check()
    boxes.nth(0).check()
    boxes.nth(0).uncheck()
    page.wait_for_selector('form[data-prefetch="done"]')  # the next HIT's pictures
    page.get_by_role("radio", name="Outline").click()
    page.wait_for_timeout(600)
    page.evaluate("dispatchEvent(new Event('blur'))")
    page.evaluate("document.getElementById('concept').dispatchEvent(new ClipboardEvent('paste'))")
    page.locator("#concept").fill("green ball")
    page.locator("#group-5").check()
    page.get_by_role("button", name="Submit and continue").click()
    page.wait_for_url(lambda url: mine.key not in url)

    trace = Trace.objects.get()
    assert trace.mark_order == [above[1], above[0]]
    assert trace.views == ["outline", "region"]
    assert (trace.paste_count, trace.focus_lost_count) == (1, 1)
    assert 0.5 < trace.active_seconds < 60
    assert all(trace.seen_ms[str(slot)] > 300 for slot in above)
    assert trace.seen_ms.get(last, 0) == 0  # never scrolled to
    page.wait_for_load_state()
    cached = page.evaluate(
        """performance.getEntriesByType("resource")
           .filter((entry) => entry.name.includes("/pictures/"))
           .map((entry) => entry.transferSize)"""
    )
    assert cached
    assert set(cached) == {0}  # all of them were here before
