"""The e-mail settings of an account: its address, and whether its studies write to it."""

import pytest
from django.contrib.auth.models import User

from annotator.models import AccountSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(client):
    rita = User.objects.create_user("rita", email="rita@example.org", is_staff=True)
    client.force_login(rita)
    return rita


def test_a_requester_turns_mail_off_and_on(client, rita):
    assert "checked" in client.get("/work/").content.decode()

    client.post("/work/mail/", {"email": "rita@example.org"})
    assert not AccountSettings.objects.get(user=rita).wants_mail
    assert " checked" not in client.get("/work/").content.decode()

    client.post("/work/mail/", {"email": "r@example.org", "wants_mail": "on"})
    assert AccountSettings.objects.get(user=rita).wants_mail
    rita.refresh_from_db()
    assert rita.email == "r@example.org"


@pytest.mark.parametrize("email", ["rita", "a b@c.d", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_refused_and_changes_nothing(client, rita, email):
    response = client.post("/work/mail/", {"email": email}, follow=True)

    assert "is no e-mail address" in response.content.decode()
    rita.refresh_from_db()
    assert rita.email == "rita@example.org"


def test_the_account_of_a_requester_leads_back_to_the_studies(client, rita):
    page = client.get("/work/").content.decode()

    assert "<h1>Account</h1>" in page
    assert 'href="/studies/">Studies</a>' in page
    assert "You have not joined a study" not in page


def test_an_annotator_is_not_asked(client):
    client.force_login(User.objects.create_user("ana"))

    assert "Save e-mail settings" not in client.get("/work/").content.decode()


def test_a_stranger_signs_in_first(client):
    assert client.post("/work/mail/", {"email": "a@b.de"}).status_code == 302
    assert not AccountSettings.objects.exists()
