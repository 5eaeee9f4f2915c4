"""A unit's pictures are shown as annotators saw them, or in full where those were cut."""

import re

import pytest
from django.urls import reverse

from annotator.models import Exemplar, Layer
from annotator.publishing import plan_naming, publish_plan
from annotator.results.output.snapshots.lifecycle import take
from tests.publishing.dissections import dissected_study

pytestmark = pytest.mark.django_db


def unit_page(client, study, **query):
    layer = Layer.objects.get()
    address = reverse("unit", args=[study.name, layer.network.slug, layer.slug, 0])
    return client.get(address, query).content.decode()


def top_images(html):
    """The list of the unit's own top images."""
    return "".join(re.findall(r'<ol class="exemplars.*?</ol>', html, re.S))


def pictures(html):
    """The pictures that the top images of a page are drawn from, without their insets."""
    tiles = re.findall(r'<svg class="region".*?</svg>\s*(?:<svg|</a>)', top_images(html), re.S)
    return {re.findall(r'<image[^>]*href="/pictures/([^"]+)"', tile)[0] for tile in tiles}


def test_a_study_of_crops_can_be_looked_at_in_full(client):
    study = dissected_study(tile_view="crop")
    publish_plan(study, plan_naming(study, 3, 80))
    take(study)
    shown = Exemplar.objects.filter(unit__number=0, role="top").select_related("image")
    assert any(exemplar.tile_file != exemplar.image.tile for exemplar in shown)

    cut, full = unit_page(client, study), unit_page(client, study, view="full")

    assert pictures(cut) == {exemplar.tile_file for exemplar in shown}
    assert pictures(full) == {exemplar.image.tile for exemplar in shown}
    assert 'class="crop"' in top_images(cut)
    assert 'class="crop"' not in top_images(full)
    assert "<b>As annotators saw them</b>" in cut
    assert "<b>Whole pictures</b>" in full


def test_a_study_of_whole_pictures_offers_no_other_view(client):
    study = dissected_study(tile_view="full")
    publish_plan(study, plan_naming(study, 3, 80))
    take(study)

    assert "As annotators saw them" not in unit_page(client, study)
