"""When something goes wrong, the page says so in words and keeps the visitor's work in mind."""

import pytest
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

pytestmark = pytest.mark.django_db


def test_an_unknown_address_shows_the_way_home(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "nothing at this address" in response.content.decode()
    assert f'href="{reverse("home")}"' in response.content.decode()


@pytest.mark.parametrize("address", ["/studies/rooms/redundancy/", "/hits/next/", "/sign-out/"])
def test_the_address_of_a_form_says_that_it_is_one(client, address):
    response = client.get(address, headers={"accept": "text/html,*/*"})

    assert response.status_code == 405
    assert response.headers["Allow"]
    assert "takes what a form sends" in response.content.decode()
    assert client.get(address, headers={"accept": "*/*"}).content == b""


def test_a_form_without_its_cookie_says_what_to_do(study):
    response = Client(enforce_csrf_checks=True).post(reverse("next_hit"))

    assert response.status_code == 403
    assert "Allow cookies" in response.content.decode()


def test_a_crash_is_admitted(rf):
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
