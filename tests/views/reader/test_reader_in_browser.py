"""The reader's pages in a real browser: readable by everybody, on a phone too, light and dark."""

import pytest
from django.urls import reverse

from annotator.models import ClosingAnswer, WorkerDetails
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.html import standalone_page
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from tests.browsing import barriers_in_both_schemes
from tests.results.output.figures.test_figures import controlled_study
from tests.results.studies import answered_study
from tests.views.reader.test_report_sections import whole_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("name", ["results", "report", "layer", "unit", "paper", "data"])
def test_a_page_has_no_barrier_and_does_not_scroll_sideways(live_server, browser_page, name):
    study = answered_study(kind="simulated")
    layer = ["rooms", "scenes", "conv1"]
    arguments = {"results": [], "layer": layer, "unit": [*layer, 0]}
    figures_in(take(study))  # drawing takes longer than a browser waits, on a busy machine

    browser_page.goto(live_server.url + reverse(name, args=arguments.get(name, ["rooms"])))

    assert barriers_unfolded(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_report_with_chance_controls_has_no_barrier_either(live_server, browser_page):
    figures_in(take(controlled_study()))

    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))

    assert browser_page.get_by_text("control of scenes").count() > 0
    assert barriers_unfolded(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390


def barriers_unfolded(page):
    """What axe finds in light and dark, all details open; it is left as wide as a phone."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    against = barriers_in_both_schemes(page)
    page.set_viewport_size({"width": 390, "height": 844})
    return against


def test_a_definition_opens_in_place_without_leaving_the_number(live_server, browser_page):
    figures_in(take(answered_study()))
    browser_page.goto(live_server.url + reverse("report", args=["rooms"]))
    number = browser_page.locator("#detectors ~ p .defined").first
    definition = browser_page.locator(":popover-open")

    assert definition.count() == 0
    number.scroll_into_view_if_needed()
    before = number.bounding_box()
    number.click()

    assert definition.locator("strong").inner_text() == "Object detectors"
    assert "strictly above 0.75" in definition.inner_text()
    assert number.bounding_box() == before
    browser_page.keyboard.press("Escape")
    assert definition.count() == 0


# Numbers of a page that lead to no definition: those of a table by their column, facts by their
# name, the others by the block they stand in, or the heading or first sentence of its section.
UNDEFINED = """() => {
  const unlinked = [];
  const leads = each => each && each.querySelector(".defined");
  for (const table of document.querySelectorAll("main table")) {
    const heads = table.tHead.rows[table.tHead.rows.length - 1].cells;
    for (const cell of table.querySelectorAll("tbody td"))
      if (/\\d/.test(cell.textContent) && !leads(heads[cell.cellIndex]))
        unlinked.push(`${heads[cell.cellIndex].textContent}: ${cell.textContent.trim()}`);
  }
  for (const fact of document.querySelectorAll("dl:is(.facts, .columns) > div"))
    if (/\\d/.test(fact.querySelector("dd").textContent) && !leads(fact))
      unlinked.push(fact.textContent.trim());
  const apart = "table, svg, dl, time, [popover], form, h4, code, select, nav, h1, h2" +
    ", .made, .downloads, .drawn";
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const block = text.parentElement.closest("p, li, h2, h3, figcaption, summary");
    if (!/\\d/.test(text.data) || text.parentElement.closest(apart)) continue;
    const section = text.parentElement.closest("section, main");
    const near = ["h2", "h3", ":scope > p"].map(part => section.querySelector(part));
    const opened = block?.matches("summary") ? block.parentElement : null;  // it opens the link
    if (![block, block?.closest("li"), opened, ...near].some(leads))
      unlinked.push(text.data.trim());
  }
  for (const button of document.querySelectorAll(".defined"))
    if (!button.title || !button.popoverTargetElement) unlinked.push(button.outerHTML);
  return unlinked;
}"""


def test_every_number_of_a_page_carries_its_definition(live_server, browser_page):
    study = whole_study()
    study.workers.get(key="eve").assignments.update(status="soft-rejected")
    for n, worker in enumerate(study.workers.filter(kind="person")):
        WorkerDetails.objects.create(worker=worker, country="Peru", device="phone")
        ClosingAnswer.objects.create(worker=worker, used_ai=n == 0)
    figures_in(take(study))
    layer = ["rooms", "scenes", "conv1"]
    grid = reverse("layer", args=layer) + "?order=consensus"
    pages = [("report", "rooms"), ("layer", *layer), ("unit", *layer, 0)]

    for address in [*(reverse(name, args=at) for name, *at in (*pages, ("named", "rooms"))), grid]:
        browser_page.goto(live_server.url + address)
        assert browser_page.locator("main .defined").count() > 1
        assert browser_page.evaluate(UNDEFINED) == [], address


def test_the_report_as_a_file_carries_its_definitions_too(browser_page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(standalone_page(full_report(take(whole_study()))))

    browser_page.goto(file.as_uri())

    assert browser_page.locator("main td").count() > 200
    assert browser_page.evaluate(UNDEFINED) == []
