"""What is left of a worker whose data was deleted: answers that name nobody, and the pay."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from annotator.crowd.access.consent import agree
from annotator.crowd.access.invitations import enter, invite
from annotator.crowd.answers import drafts
from annotator.crowd.answers.stopping import stop
from annotator.crowd.answers.submission import submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import (
    Answer,
    Assignment,
    AuditRow,
    ClosingAnswer,
    Draft,
    LedgerEntry,
    Membership,
    Role,
    Snapshot,
    Trace,
    Worker,
    WorkerDetails,
)
from annotator.results.report.report import report_of
from annotator.retention.personal_data import delete_personal_data, delete_worker_data
from annotator.tasks import current_snapshot
from tests.crowd.answers.test_submission import form
from tests.crowd.consents import agreed, with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.crowd.studies import published_study
from tests.retention.test_withdrawal import PLANTED, texts
from tests.views.annotator.prolific import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return with_consent(published_study(layers=(("net", "conv", 3),), worker_share=1))


@pytest.fixture
def ana(study):
    """Somebody whose account, remarks, messages, details and drafts all hold a planted word."""
    account = User.objects.create_user(PLANTED, email=f"{PLANTED}@x.test")
    link = invite(study, COMMAND, is_personal=True)
    ana = enter(link.token, agreed(), account, browser="b")
    for remark in (PLANTED, ""):
        taken = take_next(ana)
        drafts.keep(taken, form(remark=PLANTED), "whole")
        Trace.objects.create(assignment=taken, active_seconds=60, seen_ms={"0": 900}, parts=["p"])
        submit(taken, form(remark=remark))
    Assignment.objects.filter(pk=taken.pk).update(feedback=f"Why {PLANTED}?")
    ClosingAnswer.objects.create(worker=ana, used_ai=True)
    WorkerDetails.objects.create(worker=ana, country=PLANTED, participant="hash")
    return ana


@pytest.mark.both_databases
def test_nothing_that_names_the_worker_stays(ana):
    assert {model for model, text in texts() if PLANTED in text} > {Answer, Draft, WorkerDetails}

    assert delete_personal_data(ana)

    assert not [(model, text) for model, text in texts() if PLANTED in text]
    assert not User.objects.exists()
    for model in (Draft, ClosingAnswer, WorkerDetails):
        assert not model.objects.exists(), model
    row = Worker.objects.get()
    assert (row.user, row.browser, row.invitation) == (None, "", None)
    assert {
        (trace.active_seconds, *trace.seen_ms, *trace.parts) for trace in Trace.objects.all()
    } == {(60,)}


def test_answers_pay_and_the_statistics_of_the_study_stay(study, ana):
    def statistics():
        return [layer.units for network in report_of(study).networks for layer in network.layers]

    stop(ana)  # which pays what stopping pays
    ledger = list(LedgerEntry.objects.values_list("key", "cents"))
    before = statistics()

    delete_personal_data(ana)

    assert Answer.objects.count() == 2
    assert list(LedgerEntry.objects.values_list("key", "cents")) == ledger != []
    assert statistics() == before


def test_it_is_done_once_and_the_audit_trail_names_the_worker_alone(ana):
    for _ in range(2):
        delete_personal_data(Worker.objects.get())

    row = AuditRow.objects.filter(action="personal data deleted").first()
    assert (row.worker, row.actor, row.actor_name) == (ana, None, "an annotator")


def test_a_set_in_hand_goes_back(ana):
    held = take_next(ana)

    delete_personal_data(ana)

    assert Assignment.objects.get(pk=held.pk).status == Assignment.Status.RETURNED


def test_an_account_that_is_used_for_more_stays_without_the_work(study, ana):
    Membership.objects.create(user=ana.user, study=published_study("other"), role=Role.READER)

    delete_personal_data(ana)

    assert User.objects.get().username == PLANTED
    assert not Worker.objects.filter(user__isnull=False).exists()
    assert not Membership.objects.filter(study=study).exists()


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_number_at_a_market_stays_until_its_person_is_paid(study, is_paid):
    participant = participant_of(prolific_link(study))
    agree(participant.worker, agreed())
    submit(take_next(participant.worker), form())
    if is_paid:
        batch = study.payout_batches.create(market="prolific")
        LedgerEntry.objects.update(state="confirmed", batch=batch)

    is_all = delete_personal_data(participant.worker)
    if is_paid:  # but stopping has owed nothing more
        LedgerEntry.objects.exclude(state="confirmed").update(state="confirmed", batch=batch)
        is_all = delete_personal_data(participant.worker)

    participant.refresh_from_db()
    assert is_all == is_paid
    assert participant.number.startswith("deleted ") == is_paid


def test_reports_that_hold_details_are_deleted(study, ana):
    current_snapshot(study)

    delete_worker_data(ana)

    assert not Snapshot.objects.exists()


def test_the_command_deletes_and_names_an_unknown_worker(study, ana, capsys):
    with pytest.raises(CommandError, match="has no worker 'nobody'"):
        call_command("delete_worker_data", "rooms", "nobody")

    call_command("delete_worker_data", "rooms", ana.key)

    assert f"Deleted what can name worker {ana.key}." in capsys.readouterr().err
    assert AuditRow.objects.get(action="personal data deleted").actor_name == "command"


def test_a_worker_deletes_their_own_data_on_a_page(study):
    link = invite(study, COMMAND)
    visitor = Visitor(f"/enter/{link.token}/")
    visitor.answer()
    worker = Worker.objects.get()
    assert "Delete my data" in visitor.open("/work/").content.decode()
    page = visitor.open("/work/delete/").content.decode()
    assert "What is deleted" in page
    assert Worker.objects.exclude(browser="").exists()

    done = visitor.client.post("/work/delete/")

    assert "Nothing here says who you are" in done.content.decode()
    assert visitor.open("/work/").status_code == 403
    assert not Worker.objects.exclude(browser="").exists()
    visitor.answer()
    assert Worker.objects.count() == 2
    assert Worker.objects.exclude(pk=worker.pk).exists()
