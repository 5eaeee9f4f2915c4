"""What every result can do: a line of text, a table with or without pandas, escaped HTML."""

import re
import sys
from xml.etree import ElementTree

import pytest
from PIL import Image

import dissect
from dissect.errors import DissectError
from dissect.format.names import on_one_line
from dissect.front_door.results import Result
from tests.dissect.custom_networks import Small


class Named(Result):
    def __init__(self, name, count=3):
        self.name, self.count = name, count

    def rows(self):
        return [{"layer": self.name, "score": 1 / 3, "none": None}] * self.count

    def summary(self):
        return f"of {self.name}"

    def pictures(self):
        return {self.name: Image.new("RGB", (9, 9))}


HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\nb\u202ec", "&amp;"]


TAGS = {"p", "strong", "figure", "figcaption", "img", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("name", HOSTILE)
def test_html_escapes_names_wherever_they_stand(name):
    html = Named(name)._repr_html_()

    elements = list(ElementTree.fromstring(f"<div>{html}</div>").iter())
    assert {element.tag for element in elements[1:]} == TAGS
    (image,) = [element for element in elements if element.tag == "img"]
    assert set(image.attrib) == {"alt", "width", "src"}
    assert image.attrib["alt"] == on_one_line(name)
    assert "\u202e" not in html


def test_html_needs_nothing_from_elsewhere_and_says_what_it_leaves_out():
    html = Named("stem", count=30)._repr_html_()

    assert not re.search(r'(src|href)="(?!data:)', html)
    assert not re.search(r"style=|<script|<link", html)
    assert html.count("<tr>") == 1 + 20
    assert "... and 10 more rows." in html
    assert "<td>0.3333</td><td>-</td>" in html


def test_a_result_is_one_line_of_text():
    assert repr(Named("a\nb")) == r"<Named: of a\nb>"


def test_without_pandas_a_table_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(DissectError, match="pip install pandas. rows\\(\\) has the same") as caught:
        dissect.layers(Small()).to_pandas()

    assert isinstance(caught.value, ImportError)


def test_a_table_has_the_rows_as_they_are():
    pytest.importorskip("pandas")
    layers = dissect.layers(Small())

    assert layers.to_pandas().to_dict("records") == layers.rows()
