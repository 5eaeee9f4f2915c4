"""docs/architecture.md shows the rooms as they are, and names modules that exist."""

import re

from docs.draw_architecture import PAGE, PICTURE, boxes, edges, joined, page, picture
from tests.house.reading import ROOT


def test_the_picture_and_the_table_of_rooms_are_those_of_the_imports():
    assert PICTURE.read_text() == picture(), "run `make architecture`"
    assert PAGE.read_text() == page(PAGE.read_text()), "run `make architecture`"


def test_every_module_that_the_page_names_exists():
    names = re.findall(r"`((?:annotator|dissect|tests)/[\w/.]+)`", PAGE.read_text())

    assert len(names) > 30
    missing = [
        name for name in names if not any((ROOT / f"{name}{end}").exists() for end in ("", ".py"))
    ]
    assert missing == []


def test_no_line_of_the_picture_goes_up_or_follows_from_two_others():
    for half in ("dissect", "annotator"):
        places, drawn = boxes(half, 0, 0), edges(half)

        assert all(places[by][1] < places[of][1] for by, of in drawn)
        assert not drawn & joined(drawn, drawn)


def test_no_box_covers_another_and_all_are_inside():
    for half, width in (("dissect", 330), ("annotator", 1010)):
        places = sorted(boxes(half, 0, 0).values(), key=lambda box: (box[1], box[0]))
        assert places[0][0] >= 0
        for left, right in zip(places, places[1:], strict=False):
            assert left[0] + left[2] <= width
            assert left[1] != right[1] or left[0] + left[2] < right[0]
