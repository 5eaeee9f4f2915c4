"""The documentation is built by Sphinx without a warning: no link between its pages is broken."""

import html
import inspect
import re
import subprocess
import sys

import pytest

import dissect
from annotator.management import commands
from dissect.commands import MODULES
from tests.house.reading import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the documentation as web pages."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "docs", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_command_has_its_help_in_the_reference(site):
    page = (site / "reference/commands.html").read_text()
    folder = next(iter(commands.__path__))
    names = [path.stem for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"]

    assert len(names) > 10
    for name in names:
        assert f"usage: manage.py {name} " in page, f"docs/reference/commands.md lacks {name}"
    for name in MODULES:
        assert f"usage: python -m dissect {name} " in page


def test_every_function_of_the_library_has_its_docstring_in_the_reference(site):
    page = re.sub("<[^>]+>", "", (site / "reference/library.html").read_text())

    for name in MODULES:
        function = name.replace("-", "_")
        first_line = inspect.getdoc(getattr(dissect, function)).splitlines()[0]
        assert f"dissect.{function}(" in page, f"docs/reference/library.md lacks {function}"
        assert html.escape(first_line, quote=False) in page


def test_reference_shows_settings_columns_and_api(site):
    text = {name: (site / f"reference/{name}.html").read_text() for name in
            ("settings", "data-dictionary", "api")}  # fmt: skip

    assert "BROKER_URL" in text["settings"]
    assert ">worker<" in re.sub("<span[^>]*>|</span>", "", text["data-dictionary"])
    assert "/api/studies/" in text["api"]


def test_every_page_can_be_reached_from_the_first(site):
    """Sphinx warns of a page in no table of contents; this guards the list of pages itself."""
    first = (site / "index.html").read_text()

    for path in (ROOT / "docs").rglob("*.md"):
        page = path.relative_to(ROOT / "docs").with_suffix(".html")
        assert f'href="{page}"' in first or page.stem == "index"
