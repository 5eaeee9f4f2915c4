"""A researcher's walk through the lab, on a desk and on a phone, without a barrier."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotator.job_queue import do_next_job
from dissect.render.contact_sheets import PAGE_PX
from tests.browsing import barriers
from tests.views.lab.naming import name_units

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page):
    """axe reports no violation, and nothing scrolls sideways on a phone."""
    assert barriers(page) == [], page.url
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


def test_from_the_study_to_an_occlusion_map_and_to_what_units_stand_for(
    transactional_db, settings, tmp_path, pictures, live_server, browser_page
):
    from tests.planted_study import QUESTIONS, answered, dissected

    study, page = dissected(settings, tmp_path, pictures), browser_page
    key = study.networks.get().pk
    name_units(study, ["red", "green", "red"])
    page.goto(live_server.url + reverse("study", args=["planted"]))
    page.get_by_role("link", name="Lab", exact=True).click()
    look(page)

    page.get_by_role("link", name="Occlusion map").click()
    page.get_by_label("Side of the square").fill("16")
    page.get_by_label("Step between positions").fill("16")
    page.get_by_label("01.png").check()
    page.get_by_label("Search by file name").fill("11")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_label("01.png").is_checked()
    assert page.get_by_label("Side of the square").input_value() == "16"
    look(page)
    page.get_by_role("button", name="Run analysis").click()
    expect(page.get_by_text("Waiting for a worker process: next in the queue")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel analysis")).to_be_visible()

    do_next_job()
    page.get_by_role("heading", name="01.png: green").wait_for()  # htmx has looked again
    expect(page.get_by_alt_text("Occlusion map over the image")).to_have_js_property(
        "naturalWidth", 448
    )
    look(page)

    answered(study.networks.get(), "receptive-field", **QUESTIONS["receptive-field"])
    page.goto(live_server.url + reverse("question", args=["planted", key, "receptive-field"]))
    # A sheet as wide as PAGE_PX is not made smaller, so its labels have the size they were drawn.
    assert page.locator(".sheet").evaluate("each => each.clientWidth") >= PAGE_PX

    page.goto(live_server.url + reverse("classes", args=["planted", key]))
    expect(page.get_by_role("heading", name="red 2 units")).to_be_visible()
    look(page)
