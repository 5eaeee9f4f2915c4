"""Decisions about answers: by a person, changeable, each written down."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND, Actor
from annotator.crowd.errors import NoPlace, NotAnswered, ReasonMissing, ReasonTooLong, StillOpen
from annotator.crowd.review import decisions
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, AuditRow, Hit, Place
from annotator.models.audit import OPEN
from tests.crowd.reviewing import answered, audit, now
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Status = Assignment.Status
WHY = "The catch images were left unmarked."


@pytest.fixture
def study():
    return published_study(places=2)


@pytest.fixture
def ana(study):
    return workers(study, "ana")[0]


@pytest.fixture
def answer(study, ana):
    """Ana's answer, as an assignment."""
    return answered(ana)


def test_nothing_is_decided_by_itself(answer):
    assert (answer.status, answer.decided_at, answer.feedback) == (Status.SUBMITTED, None, "")
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize(
    ("decide", "status"),
    [
        (decisions.approve, Status.APPROVED),
        (decisions.soft_reject, Status.SOFT_REJECTED),
        (decisions.reject, Status.REJECTED),
    ],
)
def test_a_decision_is_kept_with_its_reason_time_and_who_made_it(study, answer, decide, status):
    mia = User.objects.create(username="mia")

    assert decide(answer, Actor("mia", mia), WHY)

    assert (now(answer).status, answer.feedback) == (status, WHY)
    assert answer.decided_at is not None
    row = AuditRow.objects.get()
    assert (row.study, row.actor, row.actor_name) == (study, mia, "mia")
    assert (row.assignment, row.worker, row.hit) == (answer, answer.worker, answer.hit)
    assert (row.action, row.detail) == (
        status,
        {"status": ["submitted", status], "feedback": ["", WHY]},
    )


def test_a_decision_can_be_changed_and_both_are_on_record(answer):
    decisions.reject(answer, COMMAND, WHY)
    decisions.approve(answer, COMMAND)

    assert (now(answer).status, answer.feedback) == (Status.APPROVED, "")
    assert [detail["status"] for _, _, detail in audit()] == [
        ["submitted", "rejected"],
        ["rejected", "approved"],
    ]


def test_deciding_the_same_again_changes_and_records_nothing(answer):
    decisions.reject(answer, COMMAND, WHY)
    at = now(answer).decided_at

    assert not decisions.reject(answer, COMMAND, f"  {WHY}\n")

    assert now(answer).decided_at == at
    assert AuditRow.objects.count() == 1


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "\x00"])
def test_a_rejection_needs_a_reason_that_its_worker_can_read(answer, nothing):
    with pytest.raises(ReasonMissing):
        decisions.reject(answer, COMMAND, nothing)

    assert now(answer).status == Status.SUBMITTED


def test_a_reason_is_never_cut(answer):
    with pytest.raises(ReasonTooLong, match="501"):
        decisions.reject(answer, COMMAND, "x" * 501)

    assert decisions.reject(answer, COMMAND, "x" * 500)


def test_what_has_no_answer_is_not_decided_about(study, ana):
    assignment = leases.accept(ana, the_hit(study))
    with pytest.raises(NotAnswered, match="accepted"):
        decisions.approve(assignment, COMMAND)

    leases.give_back(assignment)
    with pytest.raises(NotAnswered, match="returned"):
        decisions.reject(assignment, COMMAND, WHY)


@pytest.mark.parametrize("decision", decisions.DECISIONS)
def test_no_decision_opens_a_place(study, answer, decision):
    (ben,) = workers(study, "ben")
    other = answered(ben)

    decisions.decide_all([answer, other], decision, COMMAND, WHY)

    assert not Place.objects.free().exists()
    assert the_hit(study).status == Hit.Status.REVIEWING


def test_another_answer_is_asked_for_in_a_step_of_its_own(study, answer):
    decisions.reject(answer, COMMAND, WHY)
    hit = the_hit(study)

    decisions.ask_again(hit, COMMAND)

    assert Place.objects.free().count() == 2
    assert audit()[-1] == ("command", "ask for another answer", {"places": [2, 3]})


def test_a_hit_is_reviewable_then_reviewing_and_assignable_when_more_is_asked_for(study, answer):
    hit = the_hit(study)
    other = answered(workers(study, "ben")[0])
    assert now(hit).status == Hit.Status.REVIEWABLE

    assert decisions.set_reviewing([hit.pk], True)
    assert now(hit).status == Hit.Status.REVIEWING
    assert decisions.set_reviewing([hit.pk], False)
    decisions.approve(other, COMMAND)
    assert now(hit).status == Hit.Status.REVIEWING

    decisions.ask_again(hit, COMMAND)
    assert now(hit).status == Hit.Status.ASSIGNABLE
    assert not decisions.set_reviewing([hit.pk], True)


def test_a_decision_about_an_early_answer_leaves_the_hit_on_offer(study, answer):
    decisions.approve(answer, COMMAND)

    assert the_hit(study).status == Hit.Status.ASSIGNABLE


def test_a_hit_is_disposed_of_once_nothing_of_it_waits(study, answer):
    hit = the_hit(study)
    (ben,) = workers(study, "ben")
    open_one = leases.accept(ben, hit)

    with pytest.raises(StillOpen, match="1 answer"):
        decisions.dispose(hit, COMMAND)
    decisions.approve(answer, COMMAND)
    with pytest.raises(StillOpen, match="at work"):
        decisions.dispose(hit, COMMAND)
    leases.give_back(open_one)

    assert decisions.dispose(hit, COMMAND)
    assert not decisions.dispose(hit, COMMAND)
    assert now(hit).status == Hit.Status.DISPOSED
    with pytest.raises(NoPlace):
        leases.accept(workers(study, "cleo")[0], hit)
    with pytest.raises(StillOpen, match="withdrawn"):
        decisions.ask_again(hit, COMMAND)


def test_decisions_about_a_disposed_hit_can_still_be_changed(study, answer):
    hit = the_hit(study)
    decisions.approve(answer, COMMAND)
    decisions.dispose(hit, COMMAND)

    assert decisions.soft_reject(answer, COMMAND)

    assert now(hit).status == Hit.Status.DISPOSED


def review(*arguments, **options):
    out, messages = StringIO(), StringIO()
    call_command("review", "rooms", *arguments, stdout=out, stderr=messages, **options)
    return out.getvalue(), messages.getvalue().strip()


def test_the_command_lists_what_waits_and_decides_by_key_worker_or_all(study, answer):
    other = answered(workers(study, "ben")[0])

    listed, _ = review()
    assert [line.split(",")[2] for line in listed.splitlines()] == ["worker", "ana", "ben"]
    assert listed.splitlines()[1].startswith(f"{answer.key},{answer.hit.key},ana,")

    assert review("approve", "--waiting", "--dry-run")[1] == "Would approve 2 answers."
    assert review("approve", "--worker", "ben")[1] == "approve: 1 answers changed."
    assert (now(answer).status, now(other).status) == (Status.SUBMITTED, Status.APPROVED)
    assert "Proposed to reject 1 answers" in review("reject", "--waiting", "--reason", WHY)[1]
    assert (now(answer).status, now(other).status) == (Status.SUBMITTED, Status.APPROVED)
    review("soft-reject", "--assignment", answer.key, other.key)
    assert (now(answer).status, now(other).status) == (Status.SOFT_REJECTED,) * 2
    review("ask-again", "--hit", answer.hit.key)
    assert Place.objects.free().count() == 1
    assert {name for name, _, _ in audit()} == {"command"}


def test_the_command_shows_words_only_when_asked_and_then_decides_not_blind(study, answer):
    word = answer.answer.concept

    assert word not in review()[0]
    assert not AuditRow.objects.filter(action=OPEN).exists()
    assert f",{word}," in review("--open")[0]
    assert AuditRow.objects.get(action=OPEN).hit == answer.hit
    review("--open")
    assert AuditRow.objects.filter(action=OPEN).count() == 1
    review("approve", "--assignment", answer.key)
    assert AuditRow.objects.get(action="approved").detail["blind"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("approve",),
        ("reject", "--waiting"),
        ("approve", "--assignment", "none-such"),
        ("dispose",),
        ("dispose", "--hit", "none-such"),
    ],
)
def test_the_command_changes_nothing_when_it_is_not_told_all(study, answer, arguments):
    with pytest.raises(CommandError):
        review(*arguments)

    assert now(answer).status == Status.SUBMITTED


def test_approving_many_takes_few_queries_and_leaves_a_row_for_each(django_assert_max_num_queries):
    study = published_study(layers=[("net", "conv", 20)], places=3, worker_share=1)
    for worker in workers(study, "ana", "ben", "cem"):
        for hit in Hit.objects.select_related("hit_type"):
            submit(leases.accept(worker, hit), AnswerForm("thing", 5, frozenset()))

    with django_assert_max_num_queries(14):
        assert decisions.decide_all(Assignment.objects.all(), "approve", COMMAND) == 60

    rows = AuditRow.objects.filter(action="approved")
    assert {row.assignment_id for row in rows} == set(
        Assignment.objects.values_list("pk", flat=True)
    )
    assert rows[0].detail == {"status": ["submitted", "approved"], "feedback": ["", ""]}
    assert set(Hit.objects.values_list("status", flat=True)) == {"reviewing"}
    assert decisions.decide_all(Assignment.objects.all(), "approve", COMMAND) == 0


def test_one_answer_that_cannot_be_decided_leaves_the_others_as_they_were():
    study = published_study(places=3)
    ana, ben = workers(study, "ana", "ben")
    submit(leases.accept(ana, the_hit(study)), AnswerForm("thing", 5, frozenset()))
    leases.accept(ben, the_hit(study))

    with pytest.raises(NotAnswered):
        decisions.decide_all(Assignment.objects.all(), "approve", COMMAND)

    assert not AuditRow.objects.exists()
