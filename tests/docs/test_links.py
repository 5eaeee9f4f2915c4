"""The documents beside the code, which Sphinx does not read, link to files that exist."""

import re

import pytest

from tests.house.reading import ROOT

RELATIVE_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_relative_link_leads_to_a_file(name):
    linked = RELATIVE_LINK.findall((ROOT / name).read_text())
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_links_are_found():
    assert RELATIVE_LINK.findall("[a](b.md#c) [d](https://e.f) [g](#h) ![i](j/k.png)") == [
        "b.md", "j/k.png",
    ]  # fmt: skip
