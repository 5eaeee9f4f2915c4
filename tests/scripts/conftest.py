"""Runs single modules of the pages' scripts in Chromium, without a page and without a server."""

import pytest

from tests.house.reading import ROOT

STATIC = ROOT / "annotator/static"
# Modules import each other by relative paths, so they work below any path.
ADDRESS = "https://modules.test/a/path/static"


@pytest.fixture(scope="module")
def call(browser):
    """Call a function of a module: call("hit/moves.js", "gridMove", "End", 0, 4, 12)."""
    context = browser.new_context()
    context.route(f"{ADDRESS}/**", _fulfill)
    page = context.new_page()
    page.goto(f"{ADDRESS}/blank.html")

    def run(module, name, *arguments):
        call = "async ([url, name, given]) => (await import(url))[name](...given)"
        return page.evaluate(call, [f"{ADDRESS}/{module}", name, list(arguments)])

    def script(module, body, argument=None):
        """Run the body of a function that knows the module as `module`."""
        code = f"async ([url, given]) => {{ const module = await import(url); {body} }}"
        return page.evaluate(code, [f"{ADDRESS}/{module}", argument])

    run.script = script
    yield run
    context.close()


def _fulfill(route):
    file = STATIC / route.request.url.removeprefix(f"{ADDRESS}/")
    if file.suffix == ".js":
        route.fulfill(body=file.read_text(), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")
