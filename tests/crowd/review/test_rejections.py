"""A rejection needs grounds, a reason, two reviewers and seven days; approval comes by itself."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from annotator.crowd.audit import AT_THE_MACHINE, COMMAND, Actor
from annotator.crowd.errors import ReasonMissing, RejectionRefused
from annotator.crowd.review import automatic_approvals, decisions, rejections
from annotator.models import (
    Assignment,
    LedgerEntry,
    MarketSession,
    Outcome,
    ProposedRejection,
    Study,
    Trace,
    Worker,
)
from tests.crowd.reviewing import answered, audit, now
from tests.crowd.studies import published_study, workers
from tests.pay.test_payouts import participant

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WHY = "Nothing was looked at."


@pytest.fixture
def study():
    return published_study(places=3)


@pytest.fixture
def answer(study):
    """Ana's answer, submitted at once after it was accepted: no work at all."""
    return answered(workers(study, "ana")[0])


@pytest.fixture
def careful(study):
    """Ben's answer, which took two minutes."""
    assignment = answered(workers(study, "ben")[0])
    return slow(assignment)


def slow(assignment):
    earlier = F("submitted_at") - timedelta(minutes=2)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=earlier)
    return now(assignment)


def reviewer(name):
    return Actor(name, User.objects.create_user(name))


@pytest.fixture
def mia(db):
    return reviewer("mia")


@pytest.fixture
def noa(db):
    return reviewer("noa")


def proposed(answer, by=COMMAND):
    rejections.propose_all([answer], WHY, by)
    return answer.proposed_rejections.get(closed_at__isnull=True)


def days_pass(days):
    ProposedRejection.objects.update(proposed_at=F("proposed_at") - timedelta(days=days))
    submitted = Assignment.objects.filter(submitted_at__isnull=False)
    submitted.update(submitted_at=F("submitted_at") - timedelta(days=days))


def paid_cents(answer):
    return sum(LedgerEntry.objects.filter(assignment=answer).values_list("cents", flat=True))


def test_a_proposal_decides_nothing_and_the_answer_stays_paid(answer, mia):
    proposal = proposed(answer, mia)

    assert now(answer).status == "submitted"
    assert paid_cents(answer) == 80
    assert proposal.grounds == "no work at all: it was submitted 0 s after it was accepted"
    assert audit() == [("mia", "rejection proposed", {"reason": WHY, "grounds": proposal.grounds})]


def test_a_second_reviewer_confirms_after_seven_days_and_the_ledger_takes_it_back(answer, mia, noa):
    proposal = proposed(answer, mia)
    days_pass(7)

    rejections.confirm(proposal, noa)

    assert (now(answer).status, answer.feedback) == ("rejected", WHY)
    assert paid_cents(answer) == 0
    assert now(proposal).outcome == "confirmed"
    with pytest.raises(RejectionRefused, match="not open any more"):
        rejections.confirm(proposal, noa)
    decisions.approve(answer, mia)
    assert paid_cents(answer) == 80


def test_who_proposed_it_cannot_confirm_it(answer, mia):
    proposal = proposed(answer, mia)
    days_pass(7)

    with pytest.raises(RejectionRefused, match="another reviewer"):
        rejections.confirm(proposal, mia)

    assert now(answer).status == "submitted"


@pytest.mark.parametrize("by", [COMMAND, AT_THE_MACHINE])
def test_only_an_account_confirms_it(answer, mia, by):
    proposal = proposed(answer, mia)
    days_pass(7)

    with pytest.raises(RejectionRefused, match="sign in"):
        rejections.confirm(proposal, by)


def test_the_worker_has_seven_days_to_reply(answer, mia, noa):
    proposal = proposed(answer, mia)
    days_pass(6)
    rejections.reply(answer, "  The pictures did\nload. ")

    with pytest.raises(RejectionRefused, match="may reply until"):
        rejections.confirm(proposal, noa)

    assert now(proposal).reply == "The pictures did load."


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_a_reply_has_words_and_an_end(answer, text):
    proposed(answer)

    with pytest.raises(RejectionRefused, match="1 to 1000"):
        rejections.reply(answer, text)


def test_nobody_replies_to_nothing(answer):
    with pytest.raises(RejectionRefused, match="takes no reply"):
        rejections.reply(answer, "Why?")


def test_an_answer_with_work_in_it_cannot_be_rejected(careful, mia):
    with pytest.raises(RejectionRefused, match="Soft-reject it"):
        proposed(careful, mia)


def test_nothing_is_proposed_if_one_of_several_cannot_be(answer, careful, mia):
    with pytest.raises(RejectionRefused):
        rejections.propose_all([answer, careful], WHY, mia)

    assert not ProposedRejection.objects.exists()


def test_failed_explicit_checks_are_grounds_and_other_ends_of_a_session_are_not(careful, mia):
    who = participant(careful.worker, "5f0c").participant
    session = MarketSession.objects.create(
        participant=who, set_count=1, outcome=Outcome.STOPPED, ended_at=Now()
    )
    assert rejections.grounds(careful) == ""
    MarketSession.objects.filter(pk=session.pk).update(outcome=Outcome.FAILED_CHECKS)

    assert rejections.grounds(careful) == "its worker failed two explicit attention checks"
    assert proposed(careful, mia)


@pytest.mark.parametrize(
    ("trace", "is_work"),
    [
        ({"parts": ["a"], "seen_ms": {}, "active_seconds": 3}, False),
        ({"parts": ["a"], "seen_ms": {"1": 400}, "active_seconds": 3}, True),
        ({"parts": ["a"], "seen_ms": {}, "active_seconds": 60}, True),
        ({"parts": [], "seen_ms": {}, "active_seconds": 0}, True),  # a page without scripts
    ],
)
def test_a_page_that_reported_no_picture_in_view_is_no_work(careful, trace, is_work):
    Trace.objects.create(assignment=careful, **trace)

    assert (rejections.grounds(Assignment.objects.get(pk=careful.pk)) == "") is is_work


@pytest.mark.parametrize("decide", [decisions.approve, decisions.soft_reject])
def test_a_decided_answer_cannot_be_rejected(answer, mia, decide):
    decide(answer, mia)

    with pytest.raises(RejectionRefused, match="only an answer that waits"):
        proposed(answer, mia)


def test_another_decision_ends_the_proposal(answer, mia, noa):
    proposal = proposed(answer, mia)
    decisions.approve(answer, noa)

    assert now(proposal).outcome == "withdrawn"


def test_a_proposal_is_withdrawn_and_made_again(answer, mia):
    assert rejections.withdraw(proposed(answer, mia), mia)
    assert not rejections.withdraw(ProposedRejection.objects.get(), mia)

    assert proposed(answer, mia).closed_at is None


def test_proposing_twice_is_one_proposal(answer, mia, noa):
    assert rejections.propose_all([answer], WHY, mia) == 1
    assert rejections.propose_all([answer], WHY, noa) == 0


@pytest.mark.parametrize("reason", ["", "  ", "..."])
def test_a_proposal_needs_a_reason(answer, mia, reason):
    with pytest.raises(ReasonMissing):
        rejections.propose_all([answer], reason, mia)


def test_rejections_are_counted(study, answer, careful, mia, noa):
    proposal = proposed(answer, mia)
    rejections.reply(answer, "I did look.")
    assert rejections.rejection_counts(study) == rejections.RejectionCounts(1, 1, 0, 0)
    days_pass(7)
    rejections.confirm(proposal, noa)

    assert rejections.rejection_counts(study) == rejections.RejectionCounts(0, 1, 1, 0)


def test_answers_are_approved_after_the_promised_time_and_not_before(study, careful):
    days_pass(13)
    assert automatic_approvals.approve_due(study) == 0
    days_pass(1)

    assert [automatic_approvals.approve_due(study) for _ in range(2)] == [1, 0]
    assert now(careful).status == "approved"
    assert audit()[0][:2] == ("automatic approval", "approved")


@pytest.mark.parametrize("status", ["soft-rejected", "rejected"])
def test_a_decision_of_a_person_is_not_undone_by_time(study, careful, status):
    Assignment.objects.update(status=status)
    days_pass(30)

    assert automatic_approvals.approve_due(study) == 0
    assert now(careful).status == status


def test_a_proposal_stops_the_clock_until_it_lapses(study, answer, mia, noa):
    days_pass(10)
    proposal = proposed(answer, mia)
    days_pass(7)
    assert automatic_approvals.approve_due(study) == 0
    days_pass(7)

    assert automatic_approvals.approve_due(study) == 1
    assert now(proposal).outcome == "lapsed"


def test_without_a_promise_nothing_is_approved_and_nobody_but_a_person_ever(study, careful):
    days_pass(400)
    Study.objects.update(approval_days=None)
    assert automatic_approvals.approve_due(Study.objects.get()) == 0
    Study.objects.update(approval_days=14)
    Worker.objects.update(kind="simulated")

    assert automatic_approvals.approve_due(Study.objects.get()) == 0


@pytest.mark.parametrize(
    ("before", "days", "saved"),
    [(14, 7, 7), (14, 15, 14), (None, 20, 20), (14, 0, 14), (14, 31, 14), (14, -1, 14)],
)
def test_the_promised_time_is_not_made_longer_while_answers_wait(
    study, careful, before, days, saved
):
    Study.objects.update(approval_days=before)
    with suppress(RejectionRefused):
        automatic_approvals.set_approval_days(Study.objects.get(), days, COMMAND)

    assert Study.objects.get().approval_days == saved
