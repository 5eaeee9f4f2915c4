"""Everything that leaves the service, made once: it names nobody and asks no other site.

The pay file alone names its payees.
"""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from annotator.access_keys import create_key
from annotator.crowd.audit import COMMAND, Actor, note
from annotator.crowd.review import payout_batches
from annotator.models import LedgerEntry, Membership, Role, Worker
from annotator.pay.ledger import owe
from annotator.results.output.snapshots import stored_reports
from annotator.tasks import current_snapshot
from tests.crowd.consents import with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.results.output.test_sharing_refused import exported, holding, in_the_api
from tests.results.studies import answered_study, get_unit, store_answer
from tests.views.test_content_policy import Violations
from tests.views.test_third_parties import ASKS

WORD = "xylophonist"
NUMBER = "60b1e0a5" * 3
NAMES = {
    "key": "worker-key-of-dora",
    "account": "dora-lastname",
    "mail": "dora@mail.test",
    "number": NUMBER,
    "browser": "b40b40b40b40b40b",
    "requester": "rita-lastname",
}


def named_study():
    """A study whose workers and requester have names; Dora alone answers with the word."""
    study = with_consent(answered_study())
    store_answer(study, get_unit(study, layer="conv2"), NAMES["key"], WORD)
    dora = Worker.objects.get(study=study, key=NAMES["key"])
    dora.user = User.objects.create_user(NAMES["account"], email=NAMES["mail"])
    dora.browser = NAMES["browser"]
    dora.save()
    participant_of(prolific_link(study), number=NUMBER, name="ana-at-the-market")
    rita = User.objects.create_user(NAMES["requester"], email="rita@mail.test")
    Membership.objects.create(user=rita, study=study, role=Role.REQUESTER)
    note(study, Actor(rita.username, rita), "excluded", worker=dora)
    return study


@pytest.fixture(scope="module")
def texts(django_db_setup, django_db_blocker, tmp_path_factory):
    """(format, bytes) of each export and each answer of the API."""
    with django_db_blocker.unblock(), transaction.atomic():
        study, client = named_study(), Client()
        key, secret = create_key(User.objects.get(username=NAMES["requester"]))
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.access_key_id}:{secret}"
        texts = [*exported(study, tmp_path_factory.mktemp("exports")), *in_the_api(client, study)]
        transaction.set_rollback(True)
    return texts


def named_in(texts):
    return {
        (place, what)
        for place, content in texts
        for what, name in NAMES.items()
        if name.encode() in content
    }


def test_no_export_and_no_answer_of_the_api_names_a_worker_an_account_or_a_number(texts):
    assert named_in(texts) == set()


def test_an_answer_that_is_shared_is_in_the_exports(texts):
    assert {"csv", "json", "bundle", "table", "api"} <= holding(WORD, texts)


def test_no_exported_page_asks_another_site_for_anything(texts):
    """Reports and sites that are saved."""
    pages = [
        (name, content.decode())
        for name, content in texts
        if b"<!doctype html" in content[:200].lower()
    ]
    assert len(pages) > 2
    for name, page in pages:
        assert not ASKS.search(page), name
        assert not [one for one in Violations(page).all if " from " in one or "form" in one]


@pytest.mark.django_db
def test_a_stored_report_names_nobody():
    stored = stored_reports.report_data_in(current_snapshot(named_study()))

    assert named_in([("report data", stored)]) == set()


@pytest.mark.django_db
def test_the_pay_file_names_whom_to_pay_and_nothing_else_of_them(client):
    study = named_study()
    client.force_login(User.objects.get(username=NAMES["requester"]))
    ana = Worker.objects.get(key="ana-at-the-market")
    owe(ana, LedgerEntry.Kind.BONUS, 40, "bonus", "Thanks")
    batch = payout_batches.create_batch(study, "prolific", COMMAND)

    file = client.get(f"/studies/{study.name}/pay/{batch.pk}.csv").content

    assert {what for _place, what in named_in([("pay", file)])} == {"number"}
