"""What an account may see: its roles, in one study or in all of them."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse

from annotator.models import Membership, Study
from annotator.views.access import for_readers, for_requesters, for_reviewers
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

DOORS = {"requester": for_requesters, "reviewer": for_reviewers, "reader": for_readers}


@pytest.fixture
def rooms(settings):
    settings.EMBEDDED = False
    Study.objects.create(name="streets")
    return published_study("rooms")


def account(study=None, role=None, **fields):
    ada = User.objects.create_user("ada", **fields)
    if role:
        Membership.objects.create(user=ada, study=study, role=role)
    return ada


def opens(rf, user, door, study):
    request = rf.get("/")
    request.user, request.session = user, {}
    view = DOORS[door](lambda request, **named: HttpResponse())
    return view(request, name=study).status_code == 200


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("requester", {"requester", "reviewer", "reader"}),
        ("reviewer", {"reviewer"}),
        ("reader", {"reader"}),
        ("annotator", set()),
        (None, set()),
    ],
)
def test_a_role_opens_its_doors_in_its_study_and_nowhere_else(rf, rooms, role, may):
    ada = account(rooms, role)

    assert {door for door in DOORS if opens(rf, ada, door, "rooms")} == may
    assert not any(opens(rf, ada, door, "streets") for door in DOORS)


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"role": "requester"}])
def test_staff_and_requesters_without_a_study_run_all_of_them(rf, rooms, fields):
    ada = account(**fields)

    assert all(opens(rf, ada, door, study) for door in DOORS for study in ("rooms", "streets"))


def test_lists_show_only_the_studies_in_which_one_has_the_role(client, rooms):
    client.force_login(account(rooms, "reader"))

    results = client.get("/results/").content.decode()

    assert "rooms" in results
    assert "streets" not in results
    assert client.get(reverse("report", args=["rooms"])).status_code == 200
    assert client.get(reverse("report", args=["streets"])).status_code == 403
    assert client.get("/studies/").status_code == 403


def test_pages_offer_only_what_the_visitor_may_open(client, rooms):
    client.force_login(account(rooms, "reader"))

    page = client.get("/").content.decode()

    assert "/results/" in page
    assert "/studies/" not in page


def test_masks_of_a_study_that_one_may_not_read_do_not_exist(client, rooms):
    client.force_login(account(Study.objects.get(name="streets"), "reader"))
    unit = rooms.networks.get().layers.get().units.get()

    assert client.get(reverse("unit_masks", args=[unit.pk])).status_code == 404
