"""What a requester changes while people work; every change is noted once, however often asked."""

import io

import pytest
from django.core.management import CommandError, call_command

from annotator.crowd.answers.submission import submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling.leases import accept, give_back
from annotator.crowd.scheduling.redundancy import TooFewAnswers
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import AuditRow, Hit, LedgerEntry, Place, Study
from annotator.publishing import running_studies
from tests.crowd.concurrency import run_at_once
from tests.crowd.scheduling.test_scheduler import GRASS, work_off
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db
FOUR = (("n", "l", 4),)


@pytest.fixture
def study():
    return published_study(layers=FOUR, places=3, worker_share=1)


def places(study):
    return sorted(
        Place.objects.filter(hit=hit).count()
        for hit in Hit.objects.filter(unit__layer__network__study=study)
    )


def actions():
    return list(AuditRow.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (lambda study: running_studies.pause(study, COMMAND), "paused"),
        (lambda study: running_studies.set_budget(study, 500, COMMAND), "settings"),
        (lambda study: running_studies.set_minimum(study, 900, COMMAND), "settings"),
        (lambda study: running_studies.withdraw(study, None, COMMAND), "withdrawn"),
    ],
)
def test_a_change_is_noted_once_however_often_it_is_asked_for(study, change, action):
    assert change(study)
    assert not change(study)

    assert actions() == [action]


def test_what_was_paused_is_resumed_once(study):
    assert not running_studies.resume(study, COMMAND)
    running_studies.pause(study, COMMAND)

    assert running_studies.resume(study, COMMAND)
    assert not running_studies.resume(study, COMMAND)
    assert actions() == ["paused", "resumed"]


def test_answers_are_raised_and_lowered_where_nobody_has_started(study):
    ana, ben = workers(study, "ana", "ben")
    hits = list(Hit.objects.order_by("pk"))
    for worker in (ana, ben):
        submit(accept(worker, hits[0]), GRASS)
    accept(ana, hits[1])

    assert running_studies.set_answers(study, 5, COMMAND) == 8
    assert running_studies.set_answers(study, 1, COMMAND) == -15

    assert places(study) == [1, 1, 1, 2]
    assert Study.objects.get().assignments_wanted == 1
    assert hits[0].assignments.count() == 2
    assert running_studies.set_answers(study, 1, COMMAND) == 0
    assert actions() == ["raise redundancy", "lower redundancy"]


def test_a_place_that_somebody_gave_back_is_not_dropped(study):
    (ana,) = workers(study, "ana")
    give_back(accept(ana, Hit.objects.order_by("pk").first()))

    running_studies.set_answers(study, 1, COMMAND)

    assert places(study) == [1, 1, 1, 1]
    assert Place.objects.filter(claim_number=1).count() == 1


@pytest.mark.parametrize("wanted", [0, -1, 101])
def test_a_number_of_answers_out_of_range_is_refused(study, wanted):
    with pytest.raises(running_studies.RunError, match="from 1 to 100"):
        running_studies.set_answers(study, wanted, COMMAND)


def test_adaptive_answers_are_turned_off_before_answers_are_lowered(study):
    Study.objects.update(adaptive_most=5)

    with pytest.raises(TooFewAnswers, match="up to 5"):
        running_studies.set_answers(study, 2, COMMAND)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_a_place_that_is_taken_while_answers_are_lowered_stays_taken():
    study = published_study(layers=FOUR, places=3, worker_share=1)
    crowd = workers(study, *"abcd")

    run_at_once(
        lambda: running_studies.set_answers(study, 1, COMMAND),
        *(lambda worker=worker: take_next(worker) for worker in crowd),
    )

    for worker in crowd:
        assert worker.assignments.get().place.hit_id == worker.assignments.get().hit_id
    assert all(count >= 1 for count in places(study))


def test_what_is_withdrawn_goes_to_nobody_but_is_finished_and_paid(study):
    ana, ben = workers(study, "ana", "ben")
    in_hand = take_next(ana)
    units = set(Hit.objects.exclude(pk=in_hand.hit_id).values_list("unit", flat=True)[:2])

    assert running_studies.withdraw(study, units | {in_hand.unit_id}, COMMAND) == 3

    submit(in_hand, GRASS)
    assert LedgerEntry.objects.get().cents == 80
    assert len(work_off(ben)) == 1


def study_command(*arguments):
    err = io.StringIO()
    call_command("study", "rooms", *arguments, stderr=err)
    return err.getvalue()


def test_the_command_does_what_the_page_does(study):
    for words in (["pause"], ["budget", "100.00"], ["answers", "2"], ["minimum", "9.00"]):
        study_command(*words)
    study_command("withdraw", "--layers", "l", "--units", "0", "3")

    study.refresh_from_db()
    assert study.paused_at
    assert (study.budget_cents, study.assignments_wanted) == (10_000, 2)
    assert study.min_hourly_cents == 900
    withdrawn = Hit.objects.filter(status=Hit.Status.DISPOSED)
    assert sorted(withdrawn.values_list("unit__number", flat=True)) == [0, 3]
    assert set(AuditRow.objects.values_list("actor_name", flat=True)) == {"command"}
    assert "rooms: paused since" in study_command("state")
    study_command("budget", "none")
    assert "running, no budget, $0.00 spent" in study_command("resume")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["withdraw", "--layers", "m"], "has no layer 'm'"),
        (["withdraw", "--layers", "l", "--units", "9"], "no unit 9"),
        (["withdraw", "--all", "--units", "1"], "--units are of --layers"),
        (["withdraw"], "one of the arguments"),
        (["budget", "much"], "An amount is a number of dollars"),
        (["answers", "0"], "from 1 to 100"),
        (["fly"], "invalid choice"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(study, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        study_command(*words)

    assert actions() == []
