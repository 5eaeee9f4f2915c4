"""What a copy of the database is good for: it holds no link, key or session that can be used."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import global_settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotator.access_keys import create_key, verified_key
from annotator.models import Invitation
from annotator.retention.plain_tokens import hash_plain_tokens
from annotator.tasks import keep_only_what_is_needed
from annotator.tokens.hashing import derived_secret, hashed, hashed_session
from annotator.tokens.sessions import SessionStore
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study
from tests.models.migrations import migration

pytestmark = pytest.mark.django_db
PLAIN = "as-a-version-before-kept-it"


@pytest.fixture
def study():
    return with_consent(published_study())


def dump():
    """Every value of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield from (str(value) for row in cursor.fetchall() for value in row)


def enters(token):
    return Client().get(f"/enter/{token}/").status_code == 200


def plain_invitation(study):
    """An invitation as processes of the version before make it, also after the migration."""
    made = Invitation.objects.create(study=study)
    rows = Invitation.objects.filter(pk=made.pk)
    rows.update(plain_token=PLAIN, token_hash=None, sealed_token="")
    return rows.get()


def plain_session(worker=7):
    """The key of a session as Django itself stores it, which versions before did."""
    store = SessionStore()
    store["worker"] = worker
    store.create()
    Session.objects.filter(pk=hashed_session(store.session_key)).update(
        session_key=store.session_key
    )
    return store.session_key


def test_no_token_that_works_is_in_the_database(study, client, settings):
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    User.objects.create_user("rita", password="a long password", is_staff=True)
    client.post("/sign-in/", {"username": "rita", "password": "a long password"})
    key, secret = create_key(User.objects.get())
    invitation = Invitation.objects.create(study=study)
    own = [invitation.token, secret, client.cookies["sessionid"].value]
    assert enters(invitation.token)
    assert verified_key(key.access_key_id, secret) == key
    assert client.get("/studies/").status_code == 200

    values = list(dump())

    assert not [token for token in own for value in values if token in value]
    for value in {value for value in values if 20 <= len(value) < 400 and value.isascii()}:
        assert Invitation.objects.with_token(value) is None
        assert verified_key(key.access_key_id, value) is None
        assert SessionStore(value).load() == {}


def test_a_page_shows_a_link_again_and_only_with_this_secret_key(study, client, settings):
    settings.EMBEDDED = True
    invitation = Invitation.objects.create(study=study, needs_account=True)
    assert invitation.token in client.get(f"/studies/{study.name}/recruit/").content.decode()
    assert client.get(f"/studies/{study.name}/recruit/{invitation.pk}/qr.svg").status_code == 200

    settings.SECRET_KEY = "another secret key, of more than thirty-two"

    page = client.get(f"/studies/{study.name}/recruit/").content.decode()
    assert invitation.token not in page
    assert "SECRET_KEY has changed" in page
    assert client.get(f"/studies/{study.name}/recruit/{invitation.pk}/qr.svg").status_code == 404
    assert enters(invitation.token)


@pytest.mark.both_databases
def test_links_keys_and_sessions_of_a_version_before_go_on_through_the_update(study):
    """First the migration, then old and new processes side by side, then old tokens are hashed."""
    invitation = plain_invitation(study)
    key, _ = create_key(User.objects.create_user("rita"))
    type(key).objects.update(secret_hash="")
    session, secret = plain_session(), derived_secret(key.access_key_id)

    migration("hashed_tokens").add_hashes(apps, None)

    row = Invitation.objects.get()
    assert (row.plain_token, row.token_hash, row.token) == (PLAIN, hashed(PLAIN), PLAIN)
    for _ in range(2):
        assert enters(PLAIN)
        assert verified_key(key.access_key_id, secret) == key
        assert SessionStore(session).load() == {"worker": 7}
        assert Session.objects.filter(pk=session).exists()  # a process of before goes on

    assert hash_plain_tokens() == 2
    assert hash_plain_tokens() == 0
    assert PLAIN not in list(dump())
    assert Invitation.objects.get().token == PLAIN
    assert enters(PLAIN)
    assert verified_key(key.access_key_id, secret) == key
    assert SessionStore(session).load() == {"worker": 7}
    assert invitation.pk == row.pk


@pytest.mark.both_databases
def test_what_an_old_process_writes_after_the_migration_works_too(study):
    plain_invitation(study)
    key, _ = create_key(User.objects.create_user("rita"))
    type(key).objects.update(secret_hash="")

    assert enters(PLAIN)
    assert verified_key(key.access_key_id, derived_secret(key.access_key_id)) == key
    assert hash_plain_tokens() == 2
    assert enters(PLAIN)


def test_a_session_is_another_after_signing_in_and_after_a_new_password(client):
    User.objects.create_user("rita", password="a long password")
    elsewhere = Client()
    keys = []
    for visitor in (elsewhere, client):
        visitor.get("/sign-in/")
        visitor.post("/sign-in/", {"username": "rita", "password": "a long password"})
    keys.append(client.cookies["sessionid"].value)

    changed = client.post(
        "/password/",
        {
            "old_password": "a long password",
            "new_password1": "another long one",
            "new_password2": "another long one",
        },
    )

    keys.append(client.cookies["sessionid"].value)
    assert changed.status_code == 302
    assert len(set(keys)) == 2
    assert SessionStore(keys[0]).load() == {}
    assert client.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302  # to sign in: its session has ended


def test_a_session_ends_after_its_days(client, settings):
    settings.EMBEDDED = False  # everybody signs in
    client.force_login(User.objects.create_user("rita", is_staff=True))
    row = Session.objects.get()
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    assert row.expire_date - timezone.now() == pytest.approx(
        timedelta(days=14), abs=timedelta(minutes=5)
    )
    assert client.get("/studies/").status_code == 200

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get("/studies/").headers["Location"].startswith("/sign-in/")


def test_sessions_that_have_ended_are_deleted_every_hour(client):
    client.force_login(User.objects.create_user("rita"))
    lasting = SessionStore()
    lasting.create()
    Session.objects.exclude(pk=hashed_session(lasting.session_key)).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )

    keep_only_what_is_needed()

    assert [row.pk for row in Session.objects.all()] == [hashed_session(lasting.session_key)]


def test_signing_out_deletes_the_session(client):
    client.force_login(User.objects.create_user("rita"))
    key = client.cookies["sessionid"].value

    client.post("/sign-out/")

    assert SessionStore(key).load() == {}
    assert not Session.objects.exists()


def test_a_session_that_begins_with_a_sign_in_takes_no_key_from_before(client):
    User.objects.create_user("rita", password="a long password")
    session = client.session  # as somebody else may have planted it
    session["worker"] = 0
    session.save()
    client.cookies["sessionid"] = session.session_key

    client.post("/sign-in/", {"username": "rita", "password": "a long password"})

    assert client.cookies["sessionid"].value != session.session_key
    assert SessionStore(session.session_key).load() == {}
