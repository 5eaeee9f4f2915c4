"""How annotators get in, and what their queue says."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Invitation, Worker
from tests.crowd.studies import the_hit, workers
from tests.views.hits import pictured_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(study):
    return Invitation.objects.create(study=study)


@pytest.fixture
def link(invitation):
    return reverse("enter", args=[invitation.token])


def test_looking_at_an_invitation_changes_nothing(client, link):
    page = client.get(link).content.decode()

    assert "You are invited" in page
    assert "$0.80" in page
    assert "rooms" not in page  # the study's name
    assert not Worker.objects.exists()


def test_the_start_button_makes_a_worker_once(client, link, invitation):
    assert client.post(link, {"answer": "yes", "version": "1"}).url == reverse("hits")
    assert client.post(link, {"answer": "yes", "version": "1"}).url == reverse("hits")
    assert client.get(link).url == reverse("hits")

    assert Worker.objects.get().invitation == invitation


def test_a_closed_invitation_says_why(client, invitation, link):
    invitation.revoked_at = now()
    invitation.save()

    for response in (client.get(link), client.post(link, {"answer": "yes", "version": "1"})):
        assert response.status_code == 403
        assert "was revoked" in response.content.decode()
    assert not Worker.objects.exists()


def test_an_unknown_invitation_lets_nobody_in(client, db):
    assert client.get(reverse("enter", args=["nothing"])).status_code == 403


@pytest.mark.parametrize("path", ["/hits/", "/hits/some-key/"])
def test_who_is_no_annotator_is_told_how_to_become_one(client, path):
    response = client.get(path)

    assert response.status_code == 403
    assert "invite link" in response.content.decode()


def test_the_queue_starts_a_hit_only_by_its_button(as_ana, ana):
    assert as_ana.get("/hits/next/").status_code == 405

    response = as_ana.post("/hits/next/")

    assert response.url == reverse("hit", args=[ana.assignments.get().key])


def test_the_queue_goes_on_with_the_open_hit(as_ana, assignment):
    assert "Continue where you left off" in as_ana.get("/hits/").content.decode()
    assert as_ana.post("/hits/next/").url == reverse("hit", args=[assignment.key])
    assert Assignment.objects.count() == 1


def test_an_empty_queue_says_so(client):
    study = pictured_study(tops=1, catches=0, places=1)
    ben, cara = workers(study, "ben", "cara")
    leases.accept(ben, the_hit(study))
    session = client.session
    session["worker"] = cara.pk
    session.save()

    response = client.post("/hits/next/", follow=True)

    assert "no sets for you at the moment" in response.content.decode()


def test_home_sends_annotators_back_to_work(as_ana):
    assert "Continue working" in as_ana.get("/").content.decode()


def test_examples_stand_before_the_first_set_and_not_after_it(as_ana, assignment):
    before = as_ana.get("/hits/").content.decode()
    hit = reverse("hit", args=[assignment.key])
    as_ana.post(hit, {"concept": "ball", "group": "5", "says": "concept", "then": "stop"})

    assert "How it works" in before
    assert "saved and not submitted yet" in before
    assert "How it works" not in as_ana.get("/hits/").content.decode()
