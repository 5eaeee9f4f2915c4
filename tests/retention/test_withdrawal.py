"""People take their answers back; nothing of them is kept but the pay."""

from datetime import timedelta
from itertools import chain

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import CharField, F, JSONField, TextField

from annotator.crowd.access.consent import agree
from annotator.crowd.access.invitations import enter, invite
from annotator.crowd.access.sessions import sets_done
from annotator.crowd.answers import drafts
from annotator.crowd.answers.pictures import hide
from annotator.crowd.answers.submission import submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import SessionEnded, TooLate
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import (
    Answer,
    Assignment,
    Attempt,
    AuditRow,
    ClosingAnswer,
    Draft,
    LedgerEntry,
    Mark,
    PictureReport,
    Place,
    Snapshot,
    SnapshotRequest,
    Study,
    Trace,
    WorkerDetails,
)
from annotator.pay.ledger import correct_rewards
from annotator.pay.payouts import totals
from annotator.results.output.snapshots import lifecycle, stored_reports
from annotator.retention.withdrawal import take_answers_back, withdraw
from annotator.tasks import current_snapshot
from annotator.views.annotator.debriefing import take_back_path
from tests.crowd.answers.test_submission import form
from tests.crowd.consents import agreed, with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db
PLANTED = "xylophonist"


@pytest.fixture
def study():
    study = published_study(layers=(("net", "conv", 2),), worker_share=1)
    return with_consent(study)


@pytest.fixture
def ana(study):
    """Somebody whose answers, drafts, traces, marks, remarks and messages hold a planted word."""
    ana = enter(invite(study, COMMAND).token, agreed())
    said = form(marked={0, 4}, concept=PLANTED, remark=f"a {PLANTED}?")
    taken = take_next(ana)
    hide(taken, 1)
    drafts.keep(taken, said, "whole")
    Trace.objects.create(assignment=taken, active_seconds=60)
    submit(taken, said)
    Assignment.objects.filter(pk=taken.pk).update(feedback=f"Why {PLANTED}?")
    ClosingAnswer.objects.create(worker=ana, used_ai=True)
    WorkerDetails.objects.create(worker=ana, country="Peru", participant="hash")
    return ana


def texts():
    """Every text that the database holds: (model, its value)."""
    for model in apps.get_app_config("annotator").get_models():
        columns = (CharField, TextField, JSONField)
        names = [one.name for one in model._meta.concrete_fields if isinstance(one, columns)]
        yield from ((model, str(text)) for text in chain(*model.objects.values_list(*names)))


def stored_words(study):
    return stored_reports.report_data_in(current_snapshot(study)).decode()


def test_the_planted_word_is_in_the_database_before(ana):
    holding = {model for model, text in texts() if PLANTED in text}

    assert holding == {Answer, Assignment, Attempt, Draft}


def test_nothing_is_kept_of_answers_that_were_taken_back_but_the_pay(ana):
    before = list(LedgerEntry.objects.values_list("key", "cents"))
    place = Place.objects.get(is_filled=True)

    assert withdraw(ana) == 1

    assert not any(PLANTED in text for _model, text in texts())
    for model in (Answer, Draft, Trace, Mark, Attempt, PictureReport, ClosingAnswer):
        assert not model.objects.exists(), model
    assert list(LedgerEntry.objects.values_list("key", "cents")) == before != []
    assert Assignment.objects.get().status == Assignment.Status.WITHDRAWN
    place.refresh_from_db()
    assert not place.is_filled
    assert WorkerDetails.objects.values_list("country", "participant").get() == ("", "hash")
    row = AuditRow.objects.get(action="answers taken back")
    assert (row.worker, row.detail) == (ana, {"answers": 1})


@pytest.mark.parametrize("is_paid", [True, False])
def test_totals_of_the_ledger_agree_after_answers_were_taken_back(study, ana, is_paid):
    if not is_paid:
        rows = Assignment.objects.filter(worker=ana)
        rows.update(status=Assignment.Status.REJECTED)
        correct_rewards(rows, is_paid=False)
    assert totals(study).difference == 0
    total = totals(study).total

    withdraw(ana)

    assert (totals(study).difference, totals(study).total) == (0, total)


def test_what_lacks_to_the_minimum_pay_is_owed_before_the_times_are_deleted(study, ana):
    Study.objects.update(min_hourly_cents=4800)  # a minute of ana's pays 80 cents at most
    Assignment.objects.update(accepted_at=F("accepted_at") - timedelta(minutes=5))
    Trace.objects.update(active_seconds=120)

    withdraw(ana)

    assert LedgerEntry.objects.get(kind="top-up").cents == 2 * 80 - 80


def test_sets_that_were_taken_back_stay_sets_of_their_session(study):
    participant = participant_of(prolific_link(study), sets=2)
    pia, session = participant.worker, participant.sessions.get()
    agree(pia, agreed())
    submit(take_next(pia), form())
    withdraw(pia)

    assert sets_done(session) == 1
    submit(take_next(pia), form())
    with pytest.raises(SessionEnded):
        take_next(pia)
    assert LedgerEntry.objects.filter(kind="reward").count() == 2


def test_taking_back_twice_is_as_good_as_once(ana):
    withdraw(ana)

    assert withdraw(ana) == 0

    assert AuditRow.objects.filter(action="answers taken back").count() == 1
    assert Study.objects.get().withdrawal_count == 1


def test_the_place_goes_to_another_and_never_to_the_same_again(study, ana):
    unit = Assignment.objects.get().unit
    withdraw(ana)
    ben = enter(invite(study, COMMAND).token, agreed())

    mine, others = [], []
    for worker, units in ((ana, mine), (ben, others)):
        while taken := take_next(worker):
            submit(taken, form())
            units.append(taken.unit)

    assert unit not in mine
    assert unit in others


@pytest.mark.parametrize(("days", "is_open"), [(13, True), (15, False)])
def test_answers_can_be_taken_back_until_the_date_that_was_promised(ana, days, is_open):
    Assignment.objects.update(submitted_at=F("submitted_at") - timedelta(days=days))

    if is_open:
        assert withdraw(ana) == 1
        return
    with pytest.raises(TooLate):
        withdraw(ana)
    assert Answer.objects.exists()


def test_a_shorter_time_set_later_takes_no_right_away(study, ana):
    with_consent(study, withdrawal_days=30)
    agree(ana, agreed(3))
    with_consent(study, withdrawal_days=14)
    Assignment.objects.update(submitted_at=F("submitted_at") - timedelta(days=29))
    ana.study.refresh_from_db()

    assert ana.study.withdrawal_days == 14
    assert withdraw(ana) == 1


@pytest.mark.django_db(transaction=True)
def test_stored_reports_that_hold_them_are_deleted_and_asked_for_again(study, ana):
    content = current_snapshot(study).content
    assert PLANTED in stored_words(study)

    take_answers_back(ana)

    assert not default_storage.exists(f"{content}/material.json")
    assert not Snapshot.objects.exists()
    assert SnapshotRequest.objects.exists()
    assert PLANTED not in stored_words(study)
    assert '"data_version":2' in stored_words(study)


@pytest.mark.django_db(transaction=True)
def test_a_report_made_while_answers_are_taken_back_is_not_kept(study, ana, monkeypatch):
    save = lifecycle._save

    def too_late(snapshot):
        monkeypatch.setattr(lifecycle, "_save", save)
        withdraw(ana)
        return save(snapshot)

    monkeypatch.setattr(lifecycle, "_save", too_late)
    snapshot = current_snapshot(study)

    assert PLANTED not in stored_reports.report_data_in(snapshot).decode()
    assert Snapshot.objects.get() == snapshot


def test_the_link_works_without_a_cookie_and_changes_nothing_by_being_opened(client, ana):
    path = take_back_path(ana)

    page = client.get(path)
    assert "Delete my answers" in page.content.decode()
    assert Answer.objects.exists()

    client.post(path)
    assert not Answer.objects.exists()
    assert "There are no answers of yours" in client.get(path).content.decode()
    assert client.get(path[:-3] + "x/").status_code == 404
