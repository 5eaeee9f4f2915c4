"""What tests of pages look with finds what it is there to find."""

import pytest

from tests.browsing import barriers, barriers_in_both_schemes

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>A page</title>
<style>@media (prefers-color-scheme: dark) { p { color: #777; background: #666 } }</style>
<main><h1>A page</h1><p>Words</p>%s</main>"""


def rules(violations):
    return [rule for rule, element in violations]


def test_axe_names_each_rule_that_a_page_is_against(browser_page):
    browser_page.set_content(PAGE % "<img src='data:,'><button></button>")

    assert rules(barriers(browser_page)) == ["button-name", "image-alt"]
    assert rules(barriers(browser_page, runOnly=["image-alt"])) == ["image-alt"]


def test_axe_looks_at_colors_in_dark_too(browser_page):
    browser_page.set_content(PAGE % "")

    assert barriers(browser_page) == []
    assert rules(barriers_in_both_schemes(browser_page)) == ["color-contrast"]


@pytest.mark.parametrize("visit", [1, 2])
def test_a_page_remembers_nothing_of_the_test_before(browser_page, visit):
    browser_page.route("https://remembers.test/", lambda route: route.fulfill(body=PAGE % ""))
    browser_page.goto("https://remembers.test/")

    kept = "[document.cookie, localStorage.length, sessionStorage.length]"
    assert browser_page.evaluate(kept) == ["", 0, 0]
    browser_page.evaluate(
        "document.cookie = 'a=b', localStorage.setItem('a', 'b'), sessionStorage.setItem('a', 'b')"
    )
    assert browser_page.evaluate(kept) == ["a=b", 1, 1]
