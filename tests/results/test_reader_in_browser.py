"""The reader's pages in a real browser: readable by everybody, on a phone too, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.results.studies import answered_study, the_unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["results", "report", "layer", "unit"])
def test_a_page_has_no_barrier_and_does_not_scroll_sideways(
    live_server, browser_page, name, scheme
):
    study = answered_study(kind="simulated")
    unit = the_unit(study)
    arguments = {"results": [], "report": ["rooms"], "layer": ["rooms", unit.layer_id]}
    address = reverse(name, args=arguments.get(name, ["rooms", unit.pk]))
    browser_page.emulate_media(color_scheme=scheme)

    browser_page.goto(live_server.url + address)
    found = Axe().run(browser_page).response["violations"]
    browser_page.set_viewport_size({"width": 390, "height": 844})

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_click_leads_from_a_number_to_its_definition(live_server, browser_page):
    answered_study()
    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))

    browser_page.get_by_role("link", name="Mean precision", exact=True).click()

    assert browser_page.locator(":target dt").inner_text() == "Mean precision of a layer"
