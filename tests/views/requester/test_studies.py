"""The requester's pages, and who may not see them."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from annotator.models import Run, Study

PAGES = ["/studies/", "/studies/rooms/", "/results/"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms():
    return Study.objects.create(name="rooms", image_source="photos", image_count=100)


@pytest.mark.parametrize("page", PAGES)
def test_whoever_sits_at_the_machine_of_an_embedded_installation_may_look(client, rooms, page):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_HOST": "studies.example.org"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    ],
)
def test_from_elsewhere_one_signs_in(client, rooms, settings, page, elsewhere):
    settings.ALLOWED_HOSTS = ["*"]

    response = client.get(page, **elsewhere)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("page", PAGES)
def test_in_production_even_the_machine_itself_signs_in(client, rooms, settings, page):
    settings.EMBEDDED = False

    assert client.get(page).status_code == 302


def test_a_requester_signs_in_and_lands_where_they_wanted(client, rooms, settings):
    settings.EMBEDDED = False
    User.objects.create_user("ada", password="correct horse", is_staff=True)

    response = client.post(
        "/sign-in/?next=/studies/rooms/", {"username": "ada", "password": "correct horse",
                                           "next": "/studies/rooms/"}
    )  # fmt: skip

    assert response["Location"] == "/studies/rooms/"
    assert client.get("/studies/rooms/").status_code == 200


def test_an_annotator_is_told_that_the_page_is_not_for_them(client, rooms, settings):
    settings.EMBEDDED = False
    session = client.session
    session["worker"] = 1
    session.save()

    response = client.get("/studies/rooms/")

    assert response.status_code == 403
    assert "rooms" not in response.content.decode()


def test_a_study_that_runs_says_how_far_and_looks_again(client, rooms):
    run = Run.objects.create(study=rooms, asked={"network": "efficientnet_lite0"})
    run.claim()
    run.write(stage="forwarding images", done_count=320, total_count=1000)

    page = client.get("/studies/rooms/").content.decode()
    part = client.get("/studies/rooms/", headers={"HX-Request": "true"}).content.decode()

    assert "320 / 1000" in page
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_failed_run_shows_its_sentence_and_stops_looking(client, rooms):
    run = Run.objects.create(study=rooms, asked={"network": "nonsense"})
    run.claim()
    run.write(status=Run.Status.FAILED, error="There is no network 'nonsense'.")

    page = client.get("/studies/rooms/").content.decode()

    assert "There is no network &#x27;nonsense&#x27;." in page
    assert "hx-trigger" not in page


def test_an_invitation_is_made_by_a_press_not_by_looking(client, rooms):
    client.get(reverse("invite", args=["rooms"]))
    assert rooms.invitations.count() == 0

    client.post(reverse("invite", args=["rooms"]))

    assert rooms.invitations.count() == 1
