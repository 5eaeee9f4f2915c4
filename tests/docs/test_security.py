"""The threat model names tests that exist, one at least for each threat."""

import re

from tests.house.reading import ROOT

PAGE = (ROOT / "docs/security.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("|")][2:]


def test_every_threat_has_a_test_that_exists():
    assert len(ROWS) > 15
    for row in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, test in named:
            assert re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.M), (path, test)
