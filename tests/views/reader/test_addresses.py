"""Layers and units have readable, permanent addresses; those of earlier versions lead to them."""

import re

import pytest
from django.urls import reverse

from annotator.models import Network
from annotator.models.display_names import RESERVED_SLUGS
from annotator.views.reader.addresses import layer_address, unit_address
from annotator.views.reader.urls import urlpatterns
from tests.crowd.studies import published_study
from tests.results.studies import answered_study, get_unit

pytestmark = pytest.mark.django_db


def test_a_unit_is_addressed_by_study_network_layer_and_number(client):
    unit = get_unit(answered_study())

    assert unit_address(unit) == "/results/rooms/scenes/conv1/0"
    assert client.get("/results/rooms/scenes/conv1/0").status_code == 200
    assert layer_address(unit.layer) == "/results/rooms/scenes/conv1/"
    assert client.get("/results/rooms/scenes/conv1/").status_code == 200


@pytest.mark.parametrize("query", ["", "?answers=people&q=wheel"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/results/rooms/units/{unit}/", "/results/rooms/scenes/conv1/0"),
        ("/results/rooms/units/{unit}", "/results/rooms/scenes/conv1/0"),
        ("/results/rooms/layers/{layer}/", "/results/rooms/scenes/conv1/"),
        ("/results/rooms/layers/{layer}", "/results/rooms/scenes/conv1/"),
        ("/results/rooms/scenes/conv1/0/", "/results/rooms/scenes/conv1/0"),
        ("/results/rooms/scenes/conv1", "/results/rooms/scenes/conv1/"),
    ],
)
def test_addresses_of_earlier_versions_redirect_for_good(client, old, new, query):
    unit = get_unit(answered_study())
    address = old.format(unit=unit.pk, layer=unit.layer_id) + query

    response = client.get(address, follow=True)

    assert {status for _, status in response.redirect_chain} == {301}
    assert response.redirect_chain[-1][0] == new + query
    assert response.status_code == 200


def test_the_address_of_a_network_leads_to_the_report(client):
    answered_study()

    response = client.get("/results/rooms/scenes/?answers=people")

    assert (response.status_code, response.url) == (302, "/results/rooms/?answers=people")
    assert client.get("/results/rooms/nothing/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["units/0/", "layers/0/", "units/x/", "scenes/conv1/99", "scenes/conv9/", "x/conv1/0"],
)
def test_an_address_of_nothing_is_not_found(client, address):
    answered_study()

    assert client.get(f"/results/rooms/{address}").status_code == 404


def test_a_unit_of_another_study_is_not_found_by_its_old_address(client):
    unit = get_unit(answered_study())
    published_study("other", layers=(("scenes", "conv1", 1),))

    assert client.get(f"/results/other/units/{unit.pk}/").status_code == 404


def test_no_network_takes_the_address_of_another_page():
    words = set()
    for pattern in urlpatterns:
        route = str(pattern.pattern).removeprefix("^")
        if after := re.match(r"(?:<str:study>|\(\?P<study>\[\^/\]\+\))/([\w.-]+)", route):
            words.add(after[1])
    study = published_study("rooms")

    assert {"concepts", "units", "results.json", "figures"} <= words <= RESERVED_SLUGS
    network = Network.objects.create(study=study, name="data", spec="data", position=7)
    assert network.slug == "data-2"
    assert reverse("network", args=["rooms", network.slug]) == "/results/rooms/data-2/"


def test_no_page_links_to_an_address_that_redirects(client):
    answered_study()

    for address in ("", "scenes/conv1/", "scenes/conv1/0", "named/"):
        html = client.get(f"/results/rooms/{address}").content.decode()
        links = re.findall(r'href="(/results/[^"#?]*)', html)
        assert links
        for link in set(links):
            assert client.get(link).status_code == 200, link
