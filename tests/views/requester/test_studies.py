"""The requester's pages of studies, and who has no access to them."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from annotator.crowd.scheduling import leases
from annotator.models import Hit, Network, Place, Run, Study
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study, workers

PAGES = ["/studies/", "/studies/rooms/", "/results/"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms():
    return Study.objects.create(name="rooms", image_source="photos", image_count=100)


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_on_the_machine_of_an_embedded_installation_is_a_requester(client, rooms, page):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_HOST": "studies.example.org"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_VIA": "1.1 proxy"},
        {"SERVER_PROTOCOL": "HTTP/1.0"},  # as nginx speaks that is told nothing but proxy_pass
        {"HTTP_REFERER": "http://studies.example.org/"},
        {"HTTP_ORIGIN": "https://studies.example.org"},
    ],
)
def test_visitors_from_elsewhere_sign_in(client, rooms, settings, page, elsewhere):
    settings.ALLOWED_HOSTS = ["*"]

    response = client.get(page, **elsewhere)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("address", ["https://studies.example.org", "http://192.0.2.7:8000"])
def test_where_the_public_address_is_another_machine_nobody_is_at_it(
    client, rooms, settings, address
):
    """A proxy on this machine may rewrite the host and say nothing of itself."""
    settings.PUBLIC_URL = address

    assert client.get("/studies/").status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_in_production_the_machine_itself_signs_in_too(client, rooms, settings, page):
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


def test_an_annotator_has_no_access(client, rooms, settings):
    settings.EMBEDDED = False
    session = client.session
    session["worker"] = 1
    session.save()

    response = client.get("/studies/rooms/")

    assert response.status_code == 403
    assert "rooms" not in response.content.decode()


def test_a_running_study_shows_its_progress_and_reloads(client, rooms):
    run = Run.objects.create(study=rooms, request={"network": "efficientnet_lite0"})
    run.claim()
    run.write(stage="forwarding images", done_count=320, total_count=1000)

    page = client.get("/studies/rooms/").content.decode()
    part = client.get("/studies/rooms/", headers={"HX-Request": "true"}).content.decode()

    assert "320 / 1000" in page
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_run_is_called_by_the_name_that_people_know_its_network_by(client, rooms):
    spec = "package.module:a_factory"
    network = Network.objects.create(
        study=rooms, name=spec, spec=spec, display_name="scene net", dissection="", position=0
    )
    Run.objects.create(study=rooms, request={"network": spec}, network=network)
    Run.objects.create(study=rooms, request={"network": spec, "display_name": "places net"})
    Run.objects.create(study=rooms, request={"network": spec, "condition": "untrained"})

    page = client.get("/studies/rooms/").content.decode()

    assert re.findall("<strong>([^<]+)</strong>", page.partition('<ul class="runs">')[2]) == [
        "a factory, untrained",
        "places net",
        "scene net",
    ]
    assert spec not in page


def test_a_failed_run_shows_its_error_and_does_not_reload(client, rooms):
    run = Run.objects.create(study=rooms, request={"network": "nonsense"})
    run.claim()
    run.write(status=Run.Status.FAILED, error="There is no network 'nonsense'.")

    page = client.get("/studies/rooms/").content.decode()

    assert "There is no network &#x27;nonsense&#x27;." in page
    assert "hx-trigger" not in page


def test_an_invite_link_is_created_only_by_a_post(client, rooms):
    client.get(reverse("invite", args=["rooms"]))
    assert rooms.invitations.count() == 0

    client.post(reverse("invite", args=["rooms"]))
    assert rooms.invitations.count() == 0  # nobody has said yet what people agree to

    with_consent(rooms)
    client.post(reverse("invite", args=["rooms"]))

    assert rooms.invitations.count() == 1


@pytest.fixture
def published():
    return published_study(layers=(("net", "conv", 3),))


def test_returned_units_are_listed_with_their_return_rate(client, published):
    hit = Hit.objects.order_by("pk").first()
    ana, ben, zoe = workers(published, "ana", "ben", "zoe")
    for worker in (ana, zoe):
        leases.accept(worker, hit)
    leases.give_back(leases.accept(ben, hit))

    page = client.get("/studies/rooms/").content.decode()

    assert "0 of conv, net" in page
    assert "33.3 %" in page


def test_answers_are_raised_at_a_stated_cost(client, published):
    page = client.get("/studies/rooms/publish/").content.decode()
    assert "adds 3 answers and costs up to $2.40" in page

    client.post("/studies/rooms/run/", {"action": "answers", "answers": "4"})
    client.post("/studies/rooms/run/", {"action": "maximum", "maximum": "6"})

    published.refresh_from_db()
    assert (published.assignments_wanted, published.adaptive_most) == (4, 6)
    assert Place.objects.count() == 12
    client.post("/studies/rooms/run/", {"action": "maximum", "maximum": ""})
    published.refresh_from_db()
    assert published.adaptive_most is None


@pytest.mark.parametrize(
    "wrong", [{"answers": "x"}, {"answers": "999"}, {"maximum": "3"}, {"maximum": "101"}]
)
def test_answers_out_of_range_are_refused(client, published, wrong):
    action = {"action": next(iter(wrong))}
    page = client.post("/studies/rooms/run/", action | wrong, follow=True).content.decode()

    assert "message-warning" in page
    published.refresh_from_db()
    assert (published.assignments_wanted, published.adaptive_most) == (3, None)


def test_a_requester_says_that_the_pictures_may_be_published(client, rooms):
    client.post("/studies/rooms/pictures/", {"may_publish": "on"})
    rooms.refresh_from_db()

    assert rooms.may_publish_pictures
    page = client.get("/studies/rooms/").content.decode()
    assert '<input type="checkbox" name="may_publish" checked>' in page
    assert rooms.audit.get().detail == {"may_publish_pictures": [False, True]}

    client.post("/studies/rooms/pictures/", {})
    rooms.refresh_from_db()

    assert not rooms.may_publish_pictures
