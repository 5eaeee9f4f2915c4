"""What browser tests share: waiting in spite of the content security policy, and axe."""

import time

from axe_playwright_python.sync_playwright import Axe

PAUSE_SECONDS = 0.05


def wait_for(page, expression, arg=None, seconds=10.0):
    """Wait until a JavaScript expression, or a function of `arg`, is true on a page."""
    until = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < until, f"not true within {seconds} s: {expression}"
        page.wait_for_timeout(PAUSE_SECONDS * 1000)


def barriers(page, **options):
    """What axe finds on a page that has loaded: [(rule, the first element against it)]."""
    page.wait_for_load_state()  # a click returns while the next page is still empty
    violations = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in violations]
