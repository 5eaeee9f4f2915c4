"""Nobody else learns who looks at what: pages ask no other site, caches share nothing private.

What pages themselves load is looked at by tests/views/test_content_policy.py.
"""

import re

import pytest

from annotator.views.reader import unit as unit_page
from tests.house.reading import ROOT
from tests.results.output.test_sharing_refused import exported
from tests.results.studies import answered_study, get_unit
from tests.views.test_content_policy import Violations

ASKS = re.compile(
    r"(?:url\(|@import\s+|fetch\(|src=|import\()\s*[\"'`]?((?:https?:)?//[^\s\"'`)]+)"
)
FILES = [path for path in (ROOT / "annotator/static").rglob("*") if path.suffix in (".css", ".js")]


@pytest.mark.parametrize(
    "text", ["url(https://x.test/a.png)", '@import "//x.test/a.css"', 'fetch("http://x.test")']
)
def test_each_way_to_ask_is_seen(text):
    assert ASKS.search(text)


@pytest.mark.django_db
def test_no_page_asks_another_site_for_anything(tmp_path):
    """Style sheets and scripts of the pages, and reports and sites that are saved from them."""
    assert len(FILES) > 10
    for path in FILES:
        assert not ASKS.search(path.read_text()), path
    count = 0
    for name, content in exported(answered_study(), tmp_path):
        if b"<!doctype html" in content[:200].lower():
            count += 1
            page = content.decode()
            assert not ASKS.search(page), name
            assert not [one for one in Violations(page).all if " from " in one or "form" in one]
    assert count > 2


@pytest.mark.django_db
def test_masks_are_for_their_reader_alone(client, settings, monkeypatch):
    settings.EMBEDDED = True
    unit = get_unit(answered_study())
    monkeypatch.setattr(unit_page, "dissected_masks", lambda unit: b"png")

    answer = client.get(f"/results/masks/{unit.pk}.png")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, max-age=86400"
