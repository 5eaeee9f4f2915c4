"""How long messages, traces, names and market numbers stay: as long as the settings say."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils.timezone import now

from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling import leases
from annotator.models import (
    Answer,
    Assignment,
    AuditRow,
    Draft,
    MarketSession,
    Participant,
    ProposedRejection,
    Trace,
)
from annotator.retention.ages import delete_by_age
from annotator.tasks import keep_only_what_is_needed
from tests.crowd.markets import NUMBER, participant_of, prolific_link
from tests.crowd.studies import published_study, the_hit, workers
from tests.results.studies import answered_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOTHING = {"messages": None, "traces": None, "names": None, "numbers": None}


def keep(settings, **days):
    settings.KEEP_DAYS = NOTHING | days


@pytest.fixture
def answers(settings):
    """Answers of 40 days ago and, one of them, of today, each with a remark, draft and trace."""
    keep(settings)
    answered_study()
    Answer.objects.update(remark="by the way")
    for assignment in Assignment.objects.all():
        Draft.objects.create(assignment=assignment, revision=1, content={"concept": "dog"})
        Trace.objects.create(assignment=assignment, active_seconds=9, seen_ms={"0": 5})
    Assignment.objects.update(accepted_at=now() - timedelta(days=40), feedback="Thanks")
    today = Assignment.objects.first()
    Assignment.objects.filter(pk=today.pk).update(accepted_at=now())
    return today


def test_without_settings_everything_stays(answers):
    assert delete_by_age() == {}
    assert not Answer.objects.filter(remark="").exists()
    assert not Trace.objects.filter(seen_ms={}).exists()


def test_messages_go_with_their_age_and_what_was_judged_stays(answers, settings):
    keep(settings, messages=30)
    concepts = list(Answer.objects.order_by("pk").values_list("concept", flat=True))

    assert delete_by_age()["messages"] > 0
    assert delete_by_age()["messages"] == 0

    assert Answer.objects.exclude(remark="").get().assignment == answers
    assert Assignment.objects.exclude(feedback="").get() == answers
    assert Draft.objects.get().assignment == answers
    assert list(Answer.objects.order_by("pk").values_list("concept", flat=True)) == concepts


def test_traces_keep_the_seconds_alone(answers, settings):
    keep(settings, traces=30)

    keep_only_what_is_needed()

    assert Trace.objects.exclude(seen_ms={}).get().assignment == answers
    assert set(Trace.objects.values_list("active_seconds", flat=True)) == {9}


def test_what_is_open_or_argued_about_stays(settings):
    keep(settings, messages=1, traces=1)
    study = published_study()
    held = leases.accept(workers(study, "ana")[0], the_hit(study))
    Draft.objects.create(assignment=held, revision=1, content={})
    Assignment.objects.update(accepted_at=now() - timedelta(days=40))
    assert delete_by_age()["messages"] == 0
    assert Draft.objects.exists()

    Assignment.objects.update(status="submitted", submitted_at=now())
    ProposedRejection.objects.create(assignment=held, reason="x", grounds="y", reply="But")
    delete_by_age()

    assert Draft.objects.exists()
    assert ProposedRejection.objects.get().reply == "But"


def test_who_did_something_goes_from_the_audit_trail_and_what_was_done_stays(settings):
    keep(settings, names=30)
    study = published_study()
    rita = User.objects.create_user("rita")
    for _ in range(2):
        note(study, Actor("rita", rita), "look")
    old, new = AuditRow.objects.filter(action="look").order_by("pk")
    AuditRow.objects.filter(pk=old.pk).update(at=now() - timedelta(days=40))

    assert delete_by_age() == {"names": 1}
    assert delete_by_age() == {"names": 0}

    rows = AuditRow.objects.filter(action="look").order_by("pk").values_list("actor", "actor_name")
    assert list(rows) == [(None, "somebody"), (rita.pk, "rita")]
    assert new.action == "look"


def test_numbers_at_markets_go_so_long_after_the_last_session_paid_or_not(settings):
    keep(settings, numbers=30)
    link = prolific_link(published_study())
    ana = participant_of(link)
    participant_of(link, number=NUMBER[::-1], name="ben")
    assert delete_by_age() == {"numbers": 0}

    sessions = MarketSession.objects.filter(participant=ana)
    sessions.update(outcome="completed", ended_at=now() - timedelta(days=40))

    assert delete_by_age() == {"numbers": 1}
    assert Participant.objects.get(number=NUMBER[::-1])
    assert Participant.objects.get(pk=ana.pk).number == f"deleted {ana.pk}"
    assert not MarketSession.objects.filter(participant=ana, number__contains="5f8d").exists()


def test_the_command_can_count_without_deleting(answers, settings, capsys):
    keep(settings, messages=30)

    call_command("delete_old_data", dry_run=True)
    assert not Answer.objects.filter(remark="").exists()
    call_command("delete_old_data")

    lines = capsys.readouterr().out.splitlines()
    assert "would go" in lines[0]
    assert lines[1] == "traces: kept; KEEP_TRACES_DAYS is not set"
    assert "deleted" in lines[4]
    assert Answer.objects.filter(remark="").exists()
