"""What browser tests share: waiting in spite of the content security policy, time, and axe."""

import time

from axe_playwright_python.base import AXE_SCRIPT

PAUSE_SECONDS = 0.05
WITHOUT_COLORS = {"color-contrast": {"enabled": False}}  # which takes half of axe's time
COLOR_RULES = ["color-contrast", "link-in-text-block"]  # nothing else depends on the color scheme


def wait_for(page, expression, arg=None, seconds=10.0):
    """Wait until a JavaScript expression, or a function of `arg`, is true on a page."""
    until = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < until, f"not true within {seconds} s: {expression}"
        page.wait_for_timeout(PAUSE_SECONDS * 1000)


def follow(element):
    """Click a link or a button, and wait until the page that it opens has been read.

    A click alone returns while the next page is still empty, or read in part.
    """
    with element.page.expect_navigation():
        element.click()


def hurry(page):
    """Make the timers of pages that are opened on a page end ten times as soon."""
    page.add_init_script(
        """const wait = window.setTimeout;
        window.setTimeout = (call, delay = 0, ...given) => wait(call, delay / 10, ...given);"""
    )


def switch_off_javascript(page):
    """Open pages as in a browser whose user has switched JavaScript off."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})


def barriers(page, within="html", **options):
    """What axe finds on a page that has loaded: [(rule, the first element against it)].

    It reports violations alone: describing all that is right takes longer than finding it.

    Args:
        within: a selector of the part to look at.
    """
    page.wait_for_load_state()  # a click returns while the next page is still empty
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options |= {"resultTypes": ["violations"], "reporter": "no-passes"}
    find = "async ([within, options]) => (await axe.run(within, options)).violations"
    violations = page.evaluate(find, [within, options])
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in violations]


def barriers_in_both_schemes(page, **options):
    """What axe finds in light, and what it finds of colors in dark; the page is left in dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    in_light = barriers(page, **options)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return in_light + barriers(page, runOnly=COLOR_RULES)
