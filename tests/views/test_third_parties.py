"""Nobody else learns who looks at what: pages ask no other site, caches share nothing private.

What pages themselves load is looked at by tests/views/test_content_policy.py.
"""

import re

import pytest

from annotator.views.reader import unit as unit_page
from tests.house.reading import ROOT
from tests.results.studies import answered_study, get_unit

ASKS = re.compile(
    r"(?:url\(|@import\s+|fetch\(|src=|import\()\s*[\"'`]?((?:https?:)?//[^\s\"'`)]+)"
)
FILES = [path for path in (ROOT / "annotator/static").rglob("*") if path.suffix in (".css", ".js")]


@pytest.mark.parametrize(
    "text", ["url(https://x.test/a.png)", '@import "//x.test/a.css"', 'fetch("http://x.test")']
)
def test_each_way_to_ask_is_seen(text):
    assert ASKS.search(text)


def test_no_style_sheet_or_script_asks_another_site_for_anything():
    """tests/results/output/test_everything_exported.py looks at saved pages too."""
    assert len(FILES) > 10
    for path in FILES:
        assert not ASKS.search(path.read_text()), path


@pytest.mark.django_db
def test_masks_are_for_their_reader_alone(client, settings, monkeypatch):
    settings.EMBEDDED = True
    unit = get_unit(answered_study())
    monkeypatch.setattr(unit_page, "dissected_masks", lambda unit: b"png")

    answer = client.get(f"/results/masks/{unit.pk}.png")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, max-age=86400"
