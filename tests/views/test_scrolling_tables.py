"""A table that goes on sideways on a phone says so, whosever page it is on.

What needs Django is imported late: pytest may load this file before Django is configured.
"""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What an element that scrolls sideways says before it; none where it has no room to scroll.
HINTS = """() => [...document.querySelectorAll(".scroller, .table-scroll")]
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => getComputedStyle(each, "::before"))
  .map(hint => hint.display !== "none" && hint.visibility === "visible" ? hint.content : "")"""


def test_a_list_of_studies_that_goes_on_sideways_says_so(live_server, browser_page):
    from tests.crowd.studies import published_study

    published_study("a-study-with-a-long-name", layers=[("scenes", "conv1", 2)])
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(f"{live_server.url}/studies/")

    (hint,) = browser_page.evaluate(HINTS)
    assert "Scroll sideways" in hint
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390

    browser_page.set_viewport_size({"width": 1280, "height": 844})
    assert browser_page.evaluate(HINTS) == []
