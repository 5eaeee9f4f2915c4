"""A held-out precision stands first; without one a unit was named and scored on the same pictures.

The second round of `whole_study` finds .758 for unit 0 of its first network, an object detector of
consensus precision .850.
"""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.folder_storage import use_folder
from tests.views.reader.test_report_sections import whole_study

pytestmark = pytest.mark.django_db
SAME_PICTURES = "named and scored on the same pictures"
HELD_OUT, OWN = "0.758", "0.850"


@pytest.fixture(params=[True, False], ids=["second round", "no second round"])
def is_verified(request, settings, tmp_path):
    use_folder(settings, tmp_path / "data")
    whole_study(second_round=request.param)
    return request.param


def text_between(html, start, end):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split(start, 1)[1].split(end, 1)[0]))


def page(client, name, *arguments):
    return client.get(reverse(name, args=arguments)).content.decode()


def stands_first(text, is_verified):
    """Whether the held-out precision is before the unit's own, or is missing as it should."""
    if not is_verified:
        return HELD_OUT not in text and OWN in text
    return 0 < text.find(HELD_OUT) < text.find(OWN)


def test_on_the_page_of_a_unit(client, is_verified):
    html = page(client, "unit", "rooms", "scenes", "conv1", 0)
    head = text_between(html, 'class="unit-head"', 'class="unit-main"')
    numbers = text_between(html, 'id="numbers"', "</dl>")

    assert stands_first(head, is_verified), head
    assert stands_first(numbers, is_verified), numbers
    assert (SAME_PICTURES in numbers) is not is_verified


def test_in_the_gallery_of_a_report(client, is_verified):
    html = page(client, "report", "rooms")
    unit = text_between(html, '<article class="detector">', "</article>")

    assert stands_first(unit, is_verified), unit
    assert SAME_PICTURES in html


def test_on_the_page_of_a_layer(client, is_verified):
    html = page(client, "layer", "rooms", "scenes", "conv1")
    cards = re.findall(r'<li class="card unit-card">.*?</li>', html, re.S)
    (card,) = (one for one in cards if "Unit 0<" in one)

    assert ("Units without a held-out precision were" in html) is is_verified
    assert SAME_PICTURES in html
    assert stands_first(text_between(card, "<h2>", "</li>"), is_verified), card


def test_on_the_pages_of_a_site(tmp_path, is_verified):
    folder = tmp_path / "site"
    call_command("results", "rooms", "--format", "site", "--out", str(folder))
    unit = (folder / "units/scenes/conv1/0.html").read_text()
    numbers = text_between(unit, '<dl class="facts">', "</dl>")

    assert stands_first(numbers, is_verified), numbers
    assert (SAME_PICTURES in numbers) is not is_verified
    for name in ("index.html", "units/scenes/conv1/index.html"):
        cards = re.findall(r'<li class="unit-card">.*?</li>', (folder / name).read_text(), re.S)
        (card,) = (one for one in cards if "unit 0<" in one or "unit 0 " in one)
        text = text_between(card, "<small>", "</small>")
        assert stands_first(text, is_verified), text
        assert (SAME_PICTURES in text) is not is_verified
    search = (folder / "assets/units.js").read_text()
    assert ("0.758" in search) is is_verified
