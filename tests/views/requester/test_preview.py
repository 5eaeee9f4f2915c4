"""The preview: a requester sees the HIT page as an annotator would, and nothing is written."""

import re

import pytest
from django.urls import reverse

from annotator.models import Assignment, Exemplar, Hit, Layer, Study, Worker
from tests.views.hits import pictured_study

pytestmark = pytest.mark.django_db


def address(study, hit=None):
    return reverse("preview", args=[study.name]) + (f"?hit={hit.key}" if hit else "")


def tiles_in(page):
    """The pictures of a page, without what tells their place on it."""
    numbers = re.compile(r"([Pp]icture) \d+")
    tiles = re.findall(r'<li class="tile">.*?</li>', page, re.DOTALL)
    return sorted(numbers.sub("", tile) for tile in tiles)


def test_it_shows_what_an_annotator_sees(client, as_ana, study, assignment):
    seen = as_ana.get(reverse("hit", args=[assignment.key])).content.decode()
    preview = client.get(address(study)).content.decode()

    assert tiles_in(preview) == tiles_in(seen)
    assert len(tiles_in(preview)) == 63
    for part in ("What do these pictures share?", 'id="concept"', 'value="nothing"', "Page ↑"):
        assert part in preview
        assert part in seen


def test_it_says_that_nothing_is_saved_and_cannot_be_submitted(client, study):
    page = client.get(address(study)).content.decode()

    assert "Preview: nothing is saved" in page
    assert re.findall(r'name="then" value="\w+"( disabled)?', page) == [" disabled"] * 2
    assert 'method="post"' not in page


def test_it_takes_no_place_and_writes_nothing(client, study, django_assert_max_num_queries):
    with django_assert_max_num_queries(7) as queries:
        client.get(address(study))

    assert queries.captured_queries
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert not Assignment.objects.exists()
    assert not Worker.objects.exists()


def test_next_goes_through_all_hits_and_round_again(client, db):
    study = pictured_study(tops=2, catches=1, layers=(("n", "l", 3),))
    keys = list(Hit.objects.order_by("pk").values_list("key", flat=True))
    visited, url = [], address(study)
    for _ in range(4):
        page = client.get(url)
        visited.append(page.context["hit"].key)
        url = re.search(r'href="([^"]+)">Next HIT', page.content.decode()).group(1)

    assert visited == [*keys, keys[0]]


def test_any_hit_is_chosen_by_its_layer_and_unit(client, db):
    layers = (("n", "a", 2), ("n", "b", 3))
    study = pictured_study(tops=2, catches=1, layers=layers)
    Hit.objects.get(unit__layer__name="b", unit__number=1).delete()
    numbers = {layer.name: str(layer.pk) for layer in Layer.objects.all()}

    def shown(layer, unit=""):
        page = client.get(address(study), {"layer": numbers.get(layer, layer), "unit": unit})
        if page.status_code == 404:
            return None
        return page.context["hit"].unit.layer.name, page.context["hit"].unit.number

    assert shown("a", "1") == ("a", 1)
    assert shown("b") == ("b", 0)
    assert shown("b", "1") == ("b", 2)  # the next that has a HIT
    assert shown("b", "99") == ("b", 2)
    assert shown("b", "two") == ("b", 0)
    assert shown("99999") is shown("no") is None
    page = client.get(address(study)).content.decode()
    assert re.findall(r"<option[^>]*>(n, [ab])</option>", page) == ["n, a", "n, b"]


def test_a_hit_of_another_study_is_not_found(client, study):
    other = pictured_study(name="streets", tops=2, catches=1)

    assert client.get(address(other, Hit.objects.first())).status_code == 404


def test_a_catch_image_looks_like_every_other_picture(client, study):
    page = client.get(address(study)).content.decode()
    tiles = re.findall(r'<li class="tile">.*?</li>', page, re.DOTALL)

    assert Exemplar.objects.filter(role="catch").count() == 3
    assert len({re.sub(r"[0-9a-f]{64}|\d+", "#", tile) for tile in tiles}) == 1


def test_a_study_without_hits_has_none(client, db):
    empty = Study.objects.create(name="empty")

    assert client.get(address(empty)).url == reverse("study", args=["empty"])
    assert address(empty) not in client.get(reverse("study", args=["empty"])).content.decode()


def test_the_study_page_leads_to_it(client, study):
    assert address(study) in client.get(reverse("study", args=[study.name])).content.decode()


def test_annotators_do_not_see_it(as_ana, study, settings):
    settings.EMBEDDED = False

    assert as_ana.get(address(study)).status_code == 403
