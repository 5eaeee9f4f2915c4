"""`create_requester` makes an account without a password, and a link at which it is chosen once."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from annotator.models import Membership, Role

pytestmark = pytest.mark.django_db
NEW = "a good passphrase"


@pytest.fixture
def link(capsys):
    def make(email="ada@example.org"):
        call_command("create_requester", email)
        return capsys.readouterr().out.strip()

    return make


def choose(client, link, password=NEW):
    form = client.get(link, follow=True)
    if not form.redirect_chain:
        return form
    data = {"new_password1": password, "new_password2": password}
    return client.post(form.redirect_chain[-1][0], data, follow=True)


def test_the_account_runs_every_study_and_has_no_password(link):
    link()
    account = get_user_model().objects.get(username="ada@example.org")

    assert not account.has_usable_password()
    assert not account.is_staff
    (membership,) = Membership.objects.filter(user=account)
    assert (membership.study, membership.role) == (None, Role.REQUESTER)


def test_the_link_sets_a_password_with_which_one_signs_in(client, link, settings):
    address = link()
    assert address.startswith(f"{settings.PUBLIC_URL}/password/")

    page = choose(client, address)

    assert "Your password is set" in page.content.decode()
    assert client.login(username="ada@example.org", password=NEW)
    assert client.get("/studies/").status_code == 200


def test_a_link_works_once(client, link):
    address = link()
    choose(client, address)
    client.logout()

    page = client.get(address, follow=True)

    assert "This link was used already" in page.content.decode()


def test_a_link_of_another_account_or_made_up_does_not_work(client, link):
    ada, ben = link("ada@example.org"), link("ben@example.org")
    mixed = "/".join([*ada.split("/")[:-2], *ben.split("/")[-2:]])
    for address in (mixed, "/password/MQ/abc-def/", "/password/x/y/"):
        assert "This link was used already" in client.get(address, follow=True).content.decode()


def test_a_weak_password_is_refused_with_the_reason(client, link):
    page = choose(client, link(), "12345678")

    assert "entirely numeric" in page.content.decode()


def test_an_account_that_exists_keeps_its_password_and_gets_a_new_link(client, link):
    choose(client, link())
    client.logout()

    address = link()

    assert client.login(username="ada@example.org", password=NEW)
    client.logout()
    assert get_user_model().objects.count() == 1
    assert address


@pytest.mark.parametrize("text", ["ada", "", "a@", "ada@example.org\0"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("create_requester", text)


def test_signing_in_makes_an_unused_link_void(client, link):
    first = link()
    choose(client, link())
    client.login(username="ada@example.org", password=NEW)
    client.logout()

    assert "This link was used already" in client.get(first, follow=True).content.decode()
