"""Training, qualification and control units: what a worker gets, when, and what it decides."""

import pytest
from django.db.models import Count

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.gold_units import control_turn
from annotator.crowd.scheduling.progress import progress
from annotator.crowd.scheduling.qualification import Stage
from annotator.crowd.scheduling.redundancy import missing_places, naming_hits, raise_redundancy
from annotator.crowd.scheduling.scheduler import next_hit, take_next
from annotator.crowd.scheduling.standing import past_assignments, places_left
from annotator.keyed_random import KeyedPairs
from annotator.models import KnownAnswer, Place, Unit
from annotator.results.loading.answers import load_answers
from annotator.results.loading.report_data import load_report_data
from annotator.results.loading.variants import split_answers
from tests.crowd.scheduling.test_leases import let_lapse
from tests.crowd.studies import published_study, workers

DOG = AnswerForm(concept="brown dogs", group=5, marked=frozenset())
SKY = AnswerForm(concept="sky", group=3, marked=frozenset())

database = pytest.mark.django_db


def study_with(known, units=12, **design):
    """A study in which the first units are known to be dogs: {use: how many}."""
    study = published_study(layers=(("n", "l", units),), **{"worker_share": 1, **design})
    fresh = iter(Unit.objects.filter(layer__network__study=study))
    for use, count in known.items():
        for _ in range(count):
            KnownAnswer.objects.create(
                unit=next(fresh), concepts=["dog", "hound"], group=5, **{f"for_{use}": True}
            )
    return study


def work(worker, *answers):
    """Give answers to what the worker is offered, and return for what each was."""
    return [submit_one(worker, form) for form in answers]


def submit_one(worker, form):
    assignment = take_next(worker)
    if assignment is None:
        return "nothing"
    submit(assignment, form)
    known = KnownAnswer.objects.filter(unit=assignment.unit_id).first()
    uses = ("training", "qualification", "control")
    return next((use for use in uses if known and getattr(known, f"for_{use}")), "work")


@database
@pytest.mark.both_databases
def test_training_comes_first_then_qualification_then_work():
    study = study_with({"training": 1, "qualification": 2}, pass_mark=0.5)
    (ana,) = workers(study, "ana")

    did = work(ana, SKY, DOG, SKY, SKY)

    assert did == ["training", "qualification", "qualification", "work"]
    assert ana.trained_at
    assert (ana.qualification_score, bool(ana.qualified_at)) == (0.5, True)


@database
def test_who_stays_below_the_pass_mark_is_offered_nothing_more():
    study = study_with({"qualification": 2}, pass_mark=0.51)
    (ana,) = workers(study, "ana")

    assert work(ana, DOG, SKY, SKY) == ["qualification", "qualification", "nothing"]
    assert progress(ana).stage == Stage.FAILED
    assert (ana.qualification_score, ana.qualified_at) == (0.5, None)


@database
def test_an_open_qualification_decides_nothing_yet():
    study = study_with({"qualification": 2}, pass_mark=0.6)
    (ana,) = workers(study, "ana")
    work(ana, DOG)
    last = take_next(ana)

    assert next_hit(ana) is None  # looking ahead
    assert progress(ana).stage == Stage.QUALIFICATION
    assert ana.qualification_score is None
    submit(last, DOG)
    assert progress(ana).stage == Stage.WORK
    assert ana.qualified_at is None  # looking writes nothing
    assert next_hit(ana)
    assert take_next(ana)
    assert (ana.qualification_score, bool(ana.qualified_at)) == (1, True)


@database
def test_who_lost_the_place_of_an_open_one_is_not_stuck():
    study = study_with({"qualification": 1}, pass_mark=1, places=1)
    ana, ben = workers(study, "ana", "ben")
    let_lapse(take_next(ana))
    take_next(ben)

    assert take_next(ana) is None
    assert (ana.qualification_score, progress(ana).stage) == (0, Stage.FAILED)


@database
def test_a_lower_pass_mark_lets_in_who_had_failed():
    study = study_with({"qualification": 2}, pass_mark=0.9)
    (ana,) = workers(study, "ana")
    work(ana, DOG, SKY, SKY)
    ana.study.pass_mark = 0.5

    assert work(ana, SKY) == ["work"]
    assert ana.qualified_at


@database
def test_one_that_is_skipped_is_not_asked_again_and_not_right():
    study = study_with({"training": 1, "qualification": 2}, pass_mark=0.9)
    (ana,) = workers(study, "ana")
    for _ in range(2):  # the training, and the first of the qualification
        leases.give_back(take_next(ana))

    assert work(ana, DOG, SKY) == ["qualification", "nothing"]
    assert ana.qualification_score == 0.5


@database
def test_asking_for_more_answers_of_every_unit_asks_for_none_of_practice():
    study = study_with({"training": 1, "qualification": 1, "control": 1}, units=4)

    assert missing_places(naming_hits(study), 5) == 4
    assert raise_redundancy(study, 5, COMMAND) == 4

    places = Unit.objects.annotate(count=Count("hits__places")).order_by("number")
    assert list(places.values_list("count", flat=True)) == [3, 3, 5, 5]


@database
@pytest.mark.parametrize("design", [{}, {"pass_mark": 0.9}])
def test_both_are_off_unless_known_units_and_a_pass_mark_are_there(design):
    study = study_with({} if design else {"qualification": 1}, **design)
    (ana,) = workers(study, "ana")

    assert work(ana, SKY, SKY) == ["work", "work"]


@database
def test_everybody_gets_known_units_however_many_places_they_have():
    study = study_with({"training": 1, "control": 1}, places=1)
    crowd = workers(study, *(f"worker {number}" for number in range(4)))

    did = [work(one, SKY, SKY, SKY) for one in crowd]

    assert [sorted(one[1:]) for one in did] == [["control", "work"]] * 4
    assert {one[0] for one in did} == {"training"}
    full = Place.objects.filter(is_filled=True, hit__unit__known__for_control=True)
    assert full.count() == 4


def test_controls_are_front_loaded_and_stand_elsewhere_for_everybody():
    turns = [[control_turn(KeyedPairs(f"{n}"), number) for number in range(4)] for n in range(200)]

    for of_one in turns:
        assert of_one[0] in range(0, 2)
        assert of_one[1] in range(2, 5)
        assert of_one[2] in range(5, 9)
        assert of_one[3] in range(9, 14)
    assert {tuple(of_one[:2]) for of_one in turns} == {(a, b) for a in (0, 1) for b in (2, 3, 4)}


@database
def test_a_worker_meets_controls_at_their_turns():
    study = study_with({"control": 3}, units=20)
    (ana,) = workers(study, "ana")
    chances = KeyedPairs(f"{study.key}/{ana.key}")
    # A place of a control may come up in the queue by itself, as any unit does.
    Place.objects.filter(hit__unit__known__for_control=True).update(is_filled=True)

    did = work(ana, *[SKY] * 12)

    turns = [number for number, use in enumerate(did) if use == "control"]
    assert turns == [control_turn(chances, number) for number in range(3)]


@database
def test_practice_is_not_part_of_the_share():
    study = study_with({"training": 2, "control": 1}, units=6, places=1, worker_share=0.5)
    (ana,) = workers(study, "ana")

    assert work(ana, *[SKY] * 5)[:2] == ["training", "training"]
    assert (
        len([one for one in past_assignments(ana) if not one.is_practice]) == 2
    )  # of 4 places, half
    assert places_left(ana, past_assignments(ana)) == 0


@database
def test_practice_enters_no_result_and_of_controls_the_first_answers_count():
    study = study_with({"training": 1, "qualification": 1, "control": 1}, pass_mark=0)
    crowd = workers(study, *(f"worker {number}" for number in range(5)))
    for one in crowd:
        work(one, DOG, DOG, DOG, DOG)

    rows = load_answers(study)
    analysed = split_answers(rows, load_report_data(study).first_answers).analysed

    assert {0, 1}.isdisjoint(row.unit for row in rows)
    of_control = [row.answer for row in rows if row.unit == 2]
    assert len(of_control) == 5
    assert [row.answer for row in analysed if row.unit == 2] == of_control[:3]


@database
def test_progress_counts_the_practice_that_is_still_to_come():
    study = study_with({"training": 1, "qualification": 2}, units=5, pass_mark=0.5)
    (ana,) = workers(study, "ana")

    assert progress(ana).of == 5
    work(ana, DOG)
    assert (progress(ana).done, progress(ana).of) == (1, 5)
    work(ana, SKY, SKY, SKY)
    assert (progress(ana).done, progress(ana).of) == (3, 3)


@database
def test_an_excluded_worker_is_offered_nothing(django_assert_max_num_queries):
    study = study_with({"control": 1})
    ana, ben = workers(study, "ana", "ben")
    ben.excluded_at = ben.created_at

    assert take_next(ben) is None
    assert progress(ben).of == 0
    with django_assert_max_num_queries(25):
        take_next(ana)
