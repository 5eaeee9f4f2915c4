"""The reader's pages in a real browser: readable by everybody, on a phone too, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from annotator.results.page import figures_in
from annotator.results.snapshots import take
from tests.results.studies import answered_study, the_unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["results", "report", "layer", "unit", "paper", "data"])
def test_a_page_has_no_barrier_and_does_not_scroll_sideways(
    live_server, browser_page, name, scheme
):
    study = answered_study(kind="simulated")
    unit = the_unit(study)
    arguments = {"results": [], "layer": ["rooms", unit.layer_id], "unit": ["rooms", unit.pk]}
    address = reverse(name, args=arguments.get(name, ["rooms"]))
    browser_page.emulate_media(color_scheme=scheme)
    figures_in(take(study))  # drawing takes longer than a browser waits, on a busy machine

    browser_page.goto(live_server.url + address)
    found = Axe().run(browser_page).response["violations"]
    browser_page.set_viewport_size({"width": 390, "height": 844})

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_click_leads_from_a_number_to_its_definition(live_server, browser_page):
    figures_in(take(answered_study()))
    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))

    browser_page.get_by_role("link", name="Mean precision", exact=True).click()

    assert browser_page.locator(":target dt").inner_text() == "Mean precision of a layer"


# Numbers of the report that lead to no definition: those of a table by their column, the others by
# the block they stand in or its heading.
UNDEFINED = """() => {
  const found = [];
  for (const table of document.querySelectorAll("main table")) {
    const heads = table.tHead.rows[table.tHead.rows.length - 1].cells;
    for (const cell of table.querySelectorAll("tbody td"))
      if (/\\d/.test(cell.textContent) && !heads[cell.cellIndex].querySelector("a.defined"))
        found.push(`${heads[cell.cellIndex].textContent}: ${cell.textContent.trim()}`);
  }
  const apart = "table, svg, dl, time, code, select, h1, .made, .downloads, .drawn";
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const block = text.parentElement.closest("p, li, h2, h3, figcaption, summary");
    if (!/\\d/.test(text.data) || text.parentElement.closest(apart)) continue;
    const section = text.parentElement.closest("section");
    const near = [block, section?.querySelector("h2"), section?.querySelector("h3")];
    if (!near.some(each => each && each.querySelector("a.defined"))) found.push(text.data.trim());
  }
  for (const link of document.querySelectorAll("a.defined"))
    if (!link.title || !document.querySelector(link.hash)) found.push(link.outerHTML);
  return found;
}"""


def test_every_number_on_the_report_page_carries_its_definition(live_server, browser_page):
    study = answered_study()
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")
    figures_in(take(study))
    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))

    assert browser_page.locator("main td").count() > 50
    assert browser_page.evaluate(UNDEFINED) == []
