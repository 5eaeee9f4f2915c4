"""When something goes wrong, the page says so in words and keeps the visitor's work in mind."""

import ast
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

import annotator

pytestmark = pytest.mark.django_db


def test_an_unknown_address_shows_the_way_home(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
    assert f'href="{reverse("home")}"' in response.content.decode()


@pytest.mark.parametrize("address", ["/nowhere/", "/results/nothing/"])
def test_the_demo_shows_the_same_page_and_not_how_the_service_is_built(client, settings, address):
    settings.DEBUG = True  # as `make demo` and `up` set it

    response = client.get(address)

    assert response.status_code == 404
    assert "Go to the home page" in response.content.decode()
    assert client.get("/results").headers["Location"] == "/results/"


@pytest.mark.parametrize("address", ["/studies/rooms/run/", "/hits/next/", "/sign-out/"])
def test_the_address_of_a_form_says_that_it_is_one(client, address):
    response = client.get(address, headers={"accept": "text/html,*/*"})

    assert response.status_code == 405
    assert response.headers["Allow"]
    assert "only accepts form submissions" in response.content.decode()
    assert client.get(address, headers={"accept": "*/*"}).content == b""


def test_a_form_without_its_cookie_says_what_to_do(study):
    response = Client(enforce_csrf_checks=True).post(reverse("next_hit"))

    assert response.status_code == 403
    assert "Allow cookies" in response.content.decode()


def test_a_crash_is_admitted(rf):
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert f'href="{reverse("home")}">Go to the home page' in response.content.decode()


ERRORS = {"AlreadyWorked", "ConsentChanged", "ConsentRequired", "DraftStale", "EntryRefused",
          "AnswerRefused", "NoPlace", "NotOpen"}  # fmt: skip


def bare_sentences(tree):
    """Strings that an annotator would read as they stand in the code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        is_error = isinstance(node.func, ast.Name) and node.func.id in ERRORS
        is_base = isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"
        if is_error or is_base:
            yield from (
                ast.unparse(part)
                for part in node.args
                if isinstance(part, ast.JoinedStr | ast.Constant)
            )


def test_what_an_error_tells_an_annotator_can_be_translated():
    parts = [Path(annotator.__file__).parent / part for part in ("crowd", "views")]
    modules = [path for part in parts for path in part.rglob("*.py")]
    bare = {
        f"{path.name}: {sentence}"
        for path in modules
        for sentence in bare_sentences(ast.parse(path.read_text()))
    }

    assert len(modules) > 50
    assert not bare
    assert list(bare_sentences(ast.parse("raise NotOpen('Too late.')"))) == ["'Too late.'"]
