"""Results are hidden until the planned answers are in, unless somebody asks for them: a look."""

import re

import pytest
from django.contrib.auth.models import User

from annotator.models import AuditRow, Membership, Place, Study, Unit
from annotator.results.loading.preregistered_plans import Looks, load_looks
from annotator.views.reader.urls import pages
from tests.crowd.studies import published_study
from tests.results.studies import answered_study, finish
from tests.views.test_hostile_addresses import filled

pytestmark = pytest.mark.django_db

REPORT, LOOK = "/results/rooms/", "/studies/rooms/look/"
BUTTON = "Open the results before the planned answers are in"
# Pages below /results/ that show no results: lists, words without numbers, redirects, masks.
OPEN = {
    *("results", "unit_masks", "make_again", "concepts", "merge_concepts", "keep_concepts_apart"),
    "undo_merge",
}
REDIRECTS = {
    *("<str:study>/layers/<int:pk>/", "<str:study>/units/<int:pk>/", "<str:study>/<str:network>/"),
    "<str:study>/<str:network>/<str:layer>/<int:number>/",
}
NAMES = {"study": "rooms", "network": "scenes", "layer": "conv1", "number": 0}
FILES = {"table": ("answers.csv", "workers.json"), "figure": ("precision.svg", "flow.csv")}


def addresses():
    """The address of every page below /results/ that shows results."""
    for page in pages:
        route = str(page.pattern)
        if page.name in FILES:
            yield from (f"{REPORT}{page.name}s/{file}" for file in FILES[page.name])
        elif page.name not in OPEN and route not in REDIRECTS:
            yield filled(f"results/{route}", NAMES)


def looks():
    return list(AuditRow.objects.filter(action="look").values_list("actor_name", "detail"))


@pytest.fixture
def early(db):
    """Three people answered one unit of six, one another."""
    return answered_study(is_finished=False)


def member(client, study, role):
    rita = User.objects.create_user(f"the {role}")
    Membership.objects.create(user=rita, study=study, role=role)
    client.force_login(rita)
    return rita


@pytest.mark.parametrize("address", sorted(addresses()))
def test_every_page_with_results_is_hidden_until_the_planned_answers_are_in(client, early, address):
    response = client.get(address)

    assert response.status_code == 403
    page = response.content.decode()
    assert BUTTON in page
    assert "wheel" not in page
    assert looks() == []


def test_the_button_opens_that_very_page_for_who_pressed_it_and_is_logged(client, early):
    member(client, early, "requester")
    address = f"{REPORT}scenes/conv1/?sort=precision"
    hidden = client.get(address).content.decode()
    fields = dict(re.findall(r'name="(what|next)" value="([^"]*)"', hidden))

    response = client.post(LOOK, fields, follow=True)

    assert response.redirect_chain[-1][0] == address
    assert response.status_code == 200
    assert looks() == [("the requester", {"what": "report", "answers": 4, "is_early": True})]
    assert load_looks(early) == Looks(early=1)
    client.post(LOOK, fields)
    assert len(looks()) == 1  # it lasts for an hour
    member(client, Study.objects.get(), "reader")
    assert client.get(address).status_code == 403


def test_a_reader_waits_and_is_told_who_opens_them(client, early):
    member(client, early, "reader")

    page = client.get(REPORT)

    assert page.status_code == 403
    assert BUTTON not in page.content.decode()
    assert "Only a requester of the study" in page.content.decode()
    assert client.post(LOOK).status_code == 403
    assert looks() == []


def test_the_first_sight_of_complete_results_is_logged_and_opens_to_all(client, early):
    finish(early)
    member(client, early, "reader")

    assert client.get(REPORT).status_code == 200
    assert client.get(REPORT).status_code == 200

    assert looks() == [("the reader", {"what": "report", "answers": 4, "is_early": False})]


@pytest.mark.parametrize("kind", ["simulated", "imported"])
def test_simulated_and_imported_answers_open_at_once_and_are_no_look(client, kind):
    answered_study(kind=kind, is_finished=False)

    assert client.get(REPORT).status_code == 200
    assert looks() == []


def test_a_study_without_answers_opens_and_is_no_look(client, early):
    published_study("empty")

    assert client.get("/results/empty/").status_code == 200
    assert looks() == []


def test_results_that_were_complete_are_hidden_again_while_more_answers_are_planned(client, early):
    finish(early)
    assert client.get(REPORT).status_code == 200
    Study.objects.update(assignments_wanted=4)
    Place.objects.create(hit=Unit.objects.first().hit, number=4)

    assert client.get(REPORT).status_code == 403


def test_the_lab_names_no_units_until_the_planned_answers_are_in(client, early):
    network = early.networks.get(name="scenes")
    address = f"/studies/rooms/lab/{network.pk}/classes/?units=all"
    assert "wheel" not in client.get(address).content.decode()

    finish(early)

    assert "wheel" in client.get(address).content.decode()
