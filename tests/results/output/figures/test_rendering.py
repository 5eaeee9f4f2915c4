"""One drawing serves a light page, a dark page and a file."""

import re

import pytest
from django.template import Context, Template

from annotator.results.output.figures.rendering import ROLES, svg_as_file, svg_for_page
from annotator.results.output.html import STATIC
from annotator.results.report.reported_numbers.registry import definitions

MARKED = "".join(f'<path fill="{marker}"/>' for marker in ROLES)


def test_a_page_gets_its_own_colors_and_no_marker_is_left():
    page = svg_for_page(MARKED)

    assert page.count("var(--") == len(ROLES)
    assert not any(marker in page for marker in ROLES)


def test_a_file_gets_the_light_colors():
    svg = svg_as_file(MARKED, "svg").decode()

    assert re.findall("#[0-9a-f]{6}", svg) == [light for _, light in ROLES.values()]


@pytest.mark.parametrize("variable", [variable for variable, _ in ROLES.values()])
def test_every_role_has_a_color_in_the_style_sheet(variable):
    assert f"{variable}:" in (STATIC / "results.css").read_text()


def test_a_defined_label_has_one_percent_sign():
    """Django doubles it in a template's _("...")."""
    source = '{% load results %}{% defined "mean_precision_interval" _("95 % interval") %}'

    button = Template(source).render(Context({"definitions": definitions(0.75)}))

    assert ">95 % interval</button>" in button
