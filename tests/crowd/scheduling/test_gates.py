"""A paused study and one whose budget is spent hand out nothing; what is in hand is finished."""

import pytest
from django.utils.timezone import now

from annotator.crowd.answers.submission import submit
from annotator.crowd.errors import BudgetSpent, CrowdError, StudyPaused
from annotator.crowd.scheduling.gates import why_closed
from annotator.crowd.scheduling.leases import accept
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import Assignment, Hit, LedgerEntry, Study
from annotator.pay.budget import committed_cents, spent_cents
from tests.crowd.concurrency import for_each_at_once
from tests.crowd.scheduling.test_scheduler import GRASS
from tests.crowd.studies import published_study, workers

FOUR = (("n", "l", 4),)
database = pytest.mark.django_db


def pause(study):
    Study.objects.filter(pk=study.pk).update(paused_at=now())


def set_budget(study, cents):
    Study.objects.filter(pk=study.pk).update(budget_cents=cents)


@database
def test_a_pause_takes_effect_at_the_next_hit_and_work_in_hand_is_finished_and_paid():
    study = published_study(layers=FOUR, worker_share=1)
    (ana,) = workers(study, "ana")
    in_hand = take_next(ana)
    pause(study)

    assert take_next(ana) == in_hand
    submit(in_hand, GRASS)
    with pytest.raises(StudyPaused):
        take_next(ana)
    with pytest.raises(StudyPaused):
        accept(ana, Hit.objects.exclude(pk=in_hand.hit_id).first())
    assert LedgerEntry.objects.get().cents == 80


@database
def test_a_resumed_study_hands_out_hits_again():
    study = published_study(layers=FOUR, worker_share=1)
    (ana,) = workers(study, "ana")
    pause(study)
    Study.objects.filter(pk=study.pk).update(paused_at=None)

    assert take_next(ana) is not None


@database
@pytest.mark.parametrize(
    ("budget", "taken"), [(None, 4), (400, 4), (320, 4), (319, 3), (80, 1), (79, 0), (0, 0)]
)
def test_nobody_gets_a_hit_that_the_budget_cannot_pay(budget, taken):
    study = published_study(layers=FOUR, worker_share=1)
    set_budget(study, budget)
    crowd = workers(study, *"abcd")

    got = []
    for worker in crowd:
        try:
            got.append(take_next(worker))
        except BudgetSpent:
            break

    assert len(got) == taken
    assert (why_closed(study) is None) == (budget is None or budget == 400)
    assert budget is None or committed_cents(study) <= budget


@database
def test_what_a_worker_gives_back_is_in_the_budget_again():
    from annotator.crowd.scheduling.leases import give_back

    study = published_study(layers=FOUR, worker_share=1)
    ana, ben = workers(study, "ana", "ben")
    set_budget(study, 80)
    given = take_next(ana)
    with pytest.raises(BudgetSpent):
        take_next(ben)

    give_back(given)

    assert take_next(ben) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_many_workers_at_once_only_those_get_a_hit_whom_the_budget_can_pay():
    study = published_study(layers=(("n", "l", 12),), worker_share=1)
    set_budget(study, 5 * 80)
    crowd = workers(study, *(f"w{number}" for number in range(12)))

    def work(worker):
        """Take and answer as long as there is something to take."""
        while True:
            try:
                assignment = take_next(worker)
            except CrowdError:
                return
            if assignment is None:
                return
            submit(assignment, GRASS)

    for_each_at_once(work, crowd)
    assert spent_cents(study) <= 5 * 80
    for worker in crowd:  # who was refused while another was submitting may ask again
        work(worker)

    assert spent_cents(study) == 5 * 80
    assert Assignment.objects.count() == 5
