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


def test_a_form_without_its_cookie_says_what_to_do(study):
    response = Client(enforce_csrf_checks=True).post(reverse("next_hit"))

    assert response.status_code == 403
    assert "Allow cookies" in response.content.decode()


def test_a_crash_is_admitted(rf):
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
