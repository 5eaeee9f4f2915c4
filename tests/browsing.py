"""Waiting in a browser without Playwright's own way, which the content security policy forbids."""

import time

PAUSE_SECONDS = 0.05


def wait_for(page, expression, arg=None, seconds=10.0):
    """Wait until a JavaScript expression, or a function of `arg`, is true on a page."""
    until = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < until, f"not true within {seconds} s: {expression}"
        page.wait_for_timeout(PAUSE_SECONDS * 1000)
