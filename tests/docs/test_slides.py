"""Every statement of the founding slides has a command, a page, and a picture that exists."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "slides.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| statement", "|---"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_statement_of_the_slides_has_a_picture_that_exists(row):
    _, command, page, picture = row
    files = [link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", picture)]

    assert files, f"no picture, and no link to a page with it: {picture}"
    for name, _, heading in files:
        assert (DOCS / name).is_file()
        assert not heading or heading in headings((DOCS / name).read_text())
    assert command
    assert page
    assert not {command, page, picture} & {"no", "half"}


def headings(text):
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_as_many_statements_as_the_text_says():
    (said,) = re.findall(r"\((\d+) statements\)", TEXT)

    assert len(ROWS) == int(said) == 37
