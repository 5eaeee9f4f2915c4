"""Commands of the service begin without Django's system checks, which import every page."""

import pytest

from tests.conftest import copy_migrated
from tests.house.reading import ROOT

WITH_ENDING = """
import atexit, sys
sys.path.insert(0, {root!r})
atexit.register(lambda: print("pages:", "annotator.urls" in sys.modules))
from annotator.command_line import main
main()
"""


@pytest.fixture
def pages_after(prepared_python, django_db_setup, tmp_path):
    """Whether the pages have been imported when a command has ended."""
    copy_migrated(tmp_path / "var")
    script = tmp_path / "script.py"
    script.write_text(WITH_ENDING.format(root=str(ROOT)))

    def run(*words):
        environment = {"DATA_DIR": str(tmp_path / "var")}
        done = prepared_python.run([str(script), *words], tmp_path, environment, timeout=60)
        return done.stdout.strip().rpartition("\n")[2]

    return run


@pytest.mark.parametrize("words", [("results", "none"), ("publish", "none"), ("known", "none")])
def test_a_command_of_the_service_imports_no_page(pages_after, words):
    assert pages_after(*words) == "pages: False"


def test_a_check_imports_every_page(pages_after):
    assert pages_after("check") == "pages: True"
