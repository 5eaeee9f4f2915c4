"""Nothing that leaves the service names a worker or an account; the pay file names its payees."""

import pytest
from django.contrib.auth.models import User

from annotator.access_keys import create_key
from annotator.crowd.audit import Actor, note
from annotator.models import LedgerEntry, Membership, Role, Worker
from annotator.pay import payouts
from annotator.pay.ledger import owe
from annotator.results.output.snapshots import stored_reports
from annotator.tasks import current_snapshot
from tests.crowd.consents import with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.results.output.test_sharing_refused import exported, in_the_api
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db
NUMBER = "60b1e0a5" * 3
NAMES = {
    "key": "worker-key-of-dora",
    "account": "dora-lastname",
    "mail": "dora@mail.test",
    "number": NUMBER,
    "browser": "b40b40b40b40b40b",
    "requester": "rita-lastname",
}


@pytest.fixture
def study():
    study = with_consent(answered_study())
    store_answer(study, get_unit(study, layer="conv2"), NAMES["key"])
    dora = Worker.objects.get(study=study, key=NAMES["key"])
    dora.user = User.objects.create_user(NAMES["account"], email=NAMES["mail"])
    dora.browser = NAMES["browser"]
    dora.save()
    participant_of(prolific_link(study), number=NUMBER, name="ana-at-the-market")
    rita = User.objects.create_user(NAMES["requester"], email="rita@mail.test")
    Membership.objects.create(user=rita, study=study, role=Role.REQUESTER)
    note(study, Actor(rita.username, rita), "excluded", worker=dora)
    return study


def named_in(texts):
    return {
        (place, what)
        for place, content in texts
        for what, name in NAMES.items()
        if name.encode() in content
    }


def test_no_export_names_a_worker_an_account_or_a_number(study, tmp_path):
    assert named_in(exported(study, tmp_path)) == set()


def test_no_answer_of_the_api_names_a_worker_an_account_or_a_number(study, client):
    key, secret = create_key(User.objects.get(username=NAMES["requester"]))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.access_key_id}:{secret}"

    assert named_in(in_the_api(client, study)) == set()


def test_a_stored_report_names_nobody(study):
    stored = stored_reports.report_data_in(current_snapshot(study))

    assert named_in([("report data", stored)]) == set()


def test_the_pay_file_names_whom_to_pay_and_nothing_else_of_them(study, client):
    client.force_login(User.objects.get(username=NAMES["requester"]))
    ana = Worker.objects.get(key="ana-at-the-market")
    owe(ana, LedgerEntry.Kind.BONUS, 40, "bonus", "Thanks")
    batch = payouts.create_batch(study, "prolific")

    file = client.get(f"/studies/{study.name}/pay/{batch.pk}.csv").content

    assert {what for _place, what in named_in([("pay", file)])} == {"number"}
