"""No page shows a text that a translation cannot reach."""

import pytest
from django.contrib.auth.models import User

from annotator.models import Answer, Invitation, Layer, Unit
from tests.crowd.studies import workers
from tests.results.studies import answered_study
from tests.views.pseudo_locale import names_in_the_database, speak_in_brackets, texts_outside
from tests.views.test_hostile_addresses import filled, routes

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return answered_study()


@pytest.fixture
def real(study):
    """What each part of a route is called."""
    layer = Layer.objects.filter(network__study=study).select_related("network").first()
    return {
        "study": study.name,
        "name": study.name,
        "network": layer.network.slug,
        "layer": layer.slug,
        "number": Unit.objects.filter(layer=layer).first().number,
        "token": Invitation.objects.create(study=study).token,
        "key": Answer.objects.first().assignment.key,
        "pk": layer.pk,
        "kind": "layers",
        "version": 1,
        "file": "a.png",
    }


@pytest.fixture(params=["requester", "annotator", "stranger"])
def visitor(request, client, study):
    if request.param == "requester":
        client.force_login(User.objects.create_user("rita", is_staff=True))
    if request.param == "annotator":
        session = client.session
        session["worker"] = workers(study, "ana")[0].pk
        session.save()
    return client


def pages(client, real):
    """The addresses and the HTML of every page that a visitor gets, refusals too."""
    for route in routes():
        if not route.startswith("api/"):
            response = client.get(filled(route, real))
            if "html" in response.get("Content-Type", "") and not response.streaming:
                yield route, response.content.decode()
            for close in response._resource_closers:
                close()


def test_every_text_of_every_page_can_be_translated(visitor, real, monkeypatch):
    names = names_in_the_database()
    speak_in_brackets(monkeypatch)
    texts = {route: texts_outside(html, names) for route, html in pages(visitor, real)}
    assert len(texts) > 20
    assert {route: found for route, found in texts.items() if found} == {}


def test_a_text_outside_of_brackets_is_found():
    html = '<p title="⟦Hi⟧ you">⟦Unit⟧ 3 of conv1 <b>⟦a <i>b⟧</i> c</b><code>d</code></p>'
    assert texts_outside(html, ["conv1"]) == ["you", "of", "c"]
