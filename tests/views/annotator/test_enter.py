"""How annotators get in, and what their queue says."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Invitation, Membership, Worker
from tests.crowd.studies import published_study, the_hit, workers
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


def agree(client, link):
    client.get(link)
    return client.post(link, {"answer": "yes", "version": "1"})


def end_session(client):
    """As a cookie of the session that has run out."""
    del client.cookies["sessionid"]


def test_a_browser_that_enters_again_is_the_same_worker(client, link, invitation, study):
    """After its session has ended, with another link, or with one that is closed by now."""
    agree(client, link)
    ana = Worker.objects.get()
    other = Invitation.objects.create(study=study)
    Invitation.objects.filter(pk=invitation.pk).update(revoked_at=now())

    for again in (link, reverse("enter", args=[other.token])):
        end_session(client)
        assert agree(client, again).url == reverse("hits")
        assert client.session["worker"] == ana.pk

    assert Worker.objects.get() == ana


def test_going_to_another_study_and_back_is_no_new_worker(client, link):
    other = Invitation.objects.create(study=published_study("streets"))
    for place in (link, reverse("enter", args=[other.token]), link):
        agree(client, place)

    assert Worker.objects.count() == 2


def test_another_browser_is_another_worker(client, link):
    agree(client, link)
    agree(Client(), link)

    assert Worker.objects.count() == 2


@pytest.mark.parametrize(("number", "count"), [("5f8d" * 6, 1), ("{{%PROLIFIC_PID%}}", 2)])
def test_a_participants_number_is_one_worker_in_any_browser(link, number, count):
    for client in (Client(), Client()):
        agree(client, f"{link}?PROLIFIC_PID={number}")

    assert Worker.objects.count() == count


def test_an_account_is_one_worker_whatever_it_did_before_it_signed_in(client, link):
    agree(client, link)
    ada = User.objects.create_user("ada")
    client.force_login(ada)
    client.get(link)  # the same person, now with an account
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert elsewhere.get(link).url == reverse("hits")
    assert Worker.objects.get().user == ada

    stranger = Client()
    agree(stranger, link)
    stranger.force_login(ada)
    stranger.get(link)
    assert stranger.session["worker"] == Worker.objects.get(user=ada).pk

    end_session(client)  # anybody, in the browser in which Ada has an account
    page = client.get(link)
    assert (page.status_code, "please sign in" in page.content.decode()) == (403, True)


def test_a_cookie_that_was_made_up_is_nobodys(client, link):
    client.cookies["browser"] = "made-up:1:x"

    assert agree(client, link).url == reverse("hits")


@pytest.mark.parametrize("role", ["reader", "reviewer", "requester"])
def test_who_signs_in_with_a_role_stops_annotating(client, link, study, role, settings):
    settings.EMBEDDED = False
    agree(client, link)
    ada = User.objects.create_user("ada", password="correct horse")
    Membership.objects.create(user=ada, study=study, role=role)

    form = {"username": "ada", "password": "correct horse"}
    said = client.post("/sign-in/", form, follow=True).content.decode()

    assert "no longer its annotator here" in said
    assert "worker" not in client.session
    for page in ("/hits/", "/consent/"):
        assert client.get(page).status_code == 403
    assert client.post("/hits/next/").status_code == 403
    assert client.get(link).status_code == 403
    assert not Assignment.objects.exists()


def test_every_request_looks_whether_the_account_may_still_annotate(client, link, study, settings):
    settings.EMBEDDED = False
    ada = User.objects.create_user("ada")
    client.force_login(ada)
    agree(client, link)
    hit = client.post("/hits/next/").url
    assert client.get(hit).status_code == 200
    Membership.objects.create(user=ada, study=study, role="reader")

    answer = {"concept": "ball", "group": "5", "says": "concept", "then": "stop"}
    responses = [client.get(hit), client.post(hit, answer), client.post("/hits/next/")]
    responses += [client.post(f"{hit}{part}/") for part in ("draft", "trace", "hide", "return")]

    assert [response.status_code for response in responses] == [403] * 7
    assert "Your account shows you what this study is about" in responses[0].content.decode()
    assert Assignment.objects.get().status == "accepted"


def test_who_annotates_in_this_browser_gets_no_role_by_a_link(client, link, study):
    agree(client, link)
    reader = Invitation.objects.create(study=study, role="reader", needs_account=True)
    client.force_login(User.objects.create_user("ada"))

    page = client.post(reverse("enter", args=[reader.token]))

    assert (page.status_code, "You annotate this study" in page.content.decode()) == (403, True)
    assert not Membership.objects.exists()


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
