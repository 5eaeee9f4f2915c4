"""Members of a study: invite links, roles, the consent text and the contact."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from annotator.crowd.access.consent import newest_text
from annotator.crowd.access.invitations import enter
from annotator.models import AuditRow, Consent, Invitation, Membership, Study, Worker
from tests.crowd.consents import ANSWERED, POSTED, agreed, with_consent
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

PASSWORD = "a horse, correct"


@pytest.fixture
def rooms():
    return published_study()


def invite(client, **terms):
    with_consent(Study.objects.get())
    client.post("/studies/rooms/invite/", terms)
    return Invitation.objects.order_by("pk").last()


def test_an_invitation_has_the_terms_that_were_asked_for(client, rooms):
    made = invite(client, label="course", uses="30", days="7", needs_account="on")

    assert (made.role, made.label, made.uses_left, made.needs_account) == (
        "annotator",
        "course",
        30,
        True,
    )
    assert (made.expires_at - made.created_at).days in (6, 7)
    page = client.get("/studies/rooms/recruit/").content.decode()
    assert "30 uses left" in page
    assert "· cannot tell people apart" not in page


def test_an_open_link_says_that_it_cannot_tell_people_apart(client, rooms):
    invite(client)

    assert "· cannot tell people apart" in client.get("/studies/rooms/recruit/").content.decode()


@pytest.mark.parametrize("terms", [{"uses": "0"}, {"days": "soon"}, {"role": "king"}])
def test_terms_that_cannot_be_make_no_invitation(client, rooms, terms):
    assert invite(client, **terms) is None


def test_a_revoked_link_is_closed_and_keeps_the_workers_who_joined(client, rooms):
    made = invite(client)
    ana = enter(made.token, agreed())
    for _ in range(2):
        client.post(f"/studies/rooms/invitations/{made.pk}/")

    assert client.get(f"/enter/{made.token}/").status_code == 403
    assert Worker.objects.get() == ana
    assert [row.action for row in AuditRow.objects.all()] == [
        "invitation revoked",
        "invitation made",
        "settings",
        "consent written",
    ]


def test_an_invitation_with_a_role_makes_an_account_that_has_it(client, rooms, settings):
    made = invite(client, role="reader", uses="1")
    settings.EMBEDDED = False
    signed_up = {"username": "ben", "password1": PASSWORD, "password2": PASSWORD}

    assert client.post(f"/enter/{made.token}/").status_code == 200  # no account, no role
    client.post(f"/enter/{made.token}/sign-up/", signed_up)
    assert client.get("/results/rooms/").status_code == 403
    for _ in range(2):  # accepting is idempotent
        assert client.post(f"/enter/{made.token}/").status_code in (302, 403)

    assert client.get("/results/rooms/").status_code == 200
    assert client.get("/studies/rooms/recruit/").status_code == 403
    assert not Worker.objects.exists()


def test_sign_up_requires_an_invitation_that_asks_for_an_account(client, rooms):
    open_to_all = Invitation.objects.create(study=rooms)

    for token in (open_to_all.token, "guessed"):
        assert client.get(f"/enter/{token}/sign-up/").status_code == 403


@pytest.mark.parametrize("password", ["short", "password", "123456789012"])
def test_a_password_that_others_would_guess_is_refused(client, rooms, password):
    made = Invitation.objects.create(study=rooms, needs_account=True)
    form = {"username": "ben", "password1": password, "password2": password}

    assert client.post(f"/enter/{made.token}/sign-up/", form).status_code == 200
    assert not User.objects.exists()


def test_annotators_stay_blind(client, rooms):
    """An annotator gets no role in the study, and a member with a role cannot annotate it."""
    ada, ben = (User.objects.create_user(name, password=PASSWORD) for name in ("ada", "ben"))
    made = Invitation.objects.create(study=rooms)
    enter(made.token, 1, ada)
    client.post("/studies/rooms/people/", {"account": "ada", "role": "reader"})
    client.post("/studies/rooms/people/", {"account": "ben", "role": "reader"})

    roles = Membership.objects.values_list("user__username", "role")
    assert set(roles) == {("ada", "annotator"), ("ben", "reader")}
    client.force_login(ben)
    assert "preview" in client.get(f"/enter/{made.token}/").content.decode()
    assert Worker.objects.get().user == ada


def test_an_account_is_never_matched_by_an_address_that_nobody_has_checked(client, rooms):
    """Who signs up may state any address, and once could take another's as the user name."""
    made = Invitation.objects.create(study=rooms, needs_account=True)
    User.objects.create_user("mallory", email="boss@example.org")
    signed_up = {"username": "boss@example.org", "password1": PASSWORD, "password2": PASSWORD}

    page = client.post(f"/enter/{made.token}/sign-up/", signed_up).content.decode()
    role = {"account": "boss@example.org", "role": "reviewer"}
    said = client.post("/studies/rooms/people/", role, follow=True).content.decode()

    assert "A user name has no @" in page
    assert "no account with the user name boss@example.org" in said
    assert not Membership.objects.exists()


def test_a_role_is_given_by_name_and_taken_back(client, rooms):
    User.objects.create_user("ben", email="ben@example.org")
    client.post("/studies/rooms/people/", {"account": "ben", "role": "reviewer"})
    given = Membership.objects.get()
    client.post(f"/studies/rooms/people/{given.pk}/")

    assert not Membership.objects.exists()
    assert [row.detail["role"] for row in AuditRow.objects.order_by("pk")] == [
        [None, "reviewer"],
        ["reviewer", None],
    ]


def test_refusing_leaves_no_worker_and_no_session(client, rooms):
    made = Invitation.objects.create(study=rooms, uses_left=1)

    page = client.post(f"/enter/{made.token}/", {"answer": "no", "version": "1"})

    assert "Nothing about you was stored" in page.content.decode()
    assert not Worker.objects.exists()
    assert "worker" not in client.session
    assert not Consent.objects.exists()
    made.refresh_from_db()
    assert made.uses_left == 1


def test_a_new_text_is_asked_for_on_the_way_to_the_next_hit(client, rooms, tmp_path, capsys):
    made = Invitation.objects.create(study=rooms)
    client.post(f"/enter/{made.token}/", {"answer": "yes", "version": "1"})
    (tmp_path / "consent.txt").write_text("We keep everything.")
    call_command("consent", "rooms", str(tmp_path / "consent.txt"))

    assert "We keep everything." in capsys.readouterr().out
    assert client.post("/hits/next/").url == "/consent/"
    assert "We keep everything." in client.get("/consent/").content.decode()
    stale = client.post("/consent/", {"answer": "yes", "version": "1"}).content.decode()
    assert "has changed meanwhile" in stale
    assert (
        "Everything that you submitted is paid"
        in client.post("/consent/", {"answer": "no"}).content.decode()
    )
    assert client.post("/consent/", {"answer": "yes", "version": "2"}).url == "/hits/"
    assert client.post("/hits/next/").url.startswith("/hits/")


def test_what_a_text_covers_is_ticked_on_its_page(client, rooms):
    ticked = ANSWERED | {"covers_device": "on", "covers_market": "on", "shares_data": "on"}
    assert client.get("/studies/rooms/consent/").content.decode().count(" checked>") == 3

    client.post("/studies/rooms/consent/", ticked)
    assert newest_text(rooms).version == 2
    client.post("/studies/rooms/consent/", ANSWERED | {"covers_device": "on"})

    newest = newest_text(rooms)
    assert (newest.version, newest.covers_device, newest.covers_market) == (3, True, False)
    assert client.get("/studies/rooms/consent/").content.decode().count(" checked>") == 1


def test_the_command_says_what_a_text_covers(rooms, tmp_path):
    file = tmp_path / "consent.txt"
    file.write_text("We keep your country.")

    call_command("consent", "rooms", str(file), covers_market=True)

    assert (newest_text(rooms).covers_device, newest_text(rooms).covers_market) == (False, True)


def test_a_person_to_write_to_stands_on_every_page_of_an_annotator(client, rooms, settings):
    settings.CONTACT = "the lab"
    made = Invitation.objects.create(study=rooms)
    assert "write to <bdi>the lab</bdi>" in client.get(f"/enter/{made.token}/").content.decode()
    client.post("/studies/rooms/consent/", ANSWERED | {"shares_data": "on"})

    pages = [client.get(f"/enter/{made.token}/")]
    client.post(f"/enter/{made.token}/", POSTED)
    hit = client.post("/hits/next/").url
    pages += [client.get(path) for path in ("/", "/hits/", "/work/", "/consent/", hit)]

    for page in pages:
        assert "mailto:ada@example.org" in page.content.decode(), page.request["PATH_INFO"]
        if page.request["PATH_INFO"] != "/":
            assert "rooms" not in page.content.decode()
