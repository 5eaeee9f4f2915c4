"""What is taken as an answer, what it counts for, and what catch images do."""

import json

import pytest

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.errors import AnswerInvalid, AnswerRefused, NotOpen
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, Attempt, Mark, Place
from tests.crowd.scheduling.test_leases import let_lapse
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOPS, CATCHES = {0, 1, 2, 3}, {4, 5}


def form(marked=(), concept="grass", group=3, **more):
    return AnswerForm(concept=concept, group=group, marked=frozenset(marked), **more)


@pytest.fixture
def assignment():
    return accepted(published_study())


def accepted(study, name="ana"):
    return leases.accept(workers(study, name)[0], the_hit(study))


def test_precision_is_counted_over_top_images_alone(assignment):
    answer = submit(assignment, form(marked={0, 4, 5}))

    assert (answer.fitting, answer.shown) == (3, 4)
    assert (answer.catch_marked_at_first, answer.catch_shown) == (2, 2)
    assert not answer.is_surplus


def test_every_marked_image_is_a_row(assignment):
    submit(assignment, form(marked={0, 4}))

    marked = Mark.objects.values_list("exemplar__slot", flat=True)
    assert sorted(marked) == [0, 4]


def test_an_answer_fills_the_place_and_closes_the_assignment(assignment):
    submit(assignment, form())

    assignment.refresh_from_db()
    assert assignment.status == Assignment.Status.SUBMITTED
    assert assignment.submitted_at is not None
    assert assignment.place.is_filled
    assert not leases.extend(assignment)


def test_submitting_twice_gives_the_first_answer(assignment):
    first = submit(assignment, form(concept="grass"))
    second = submit(assignment, form(concept="", group=None))

    assert second == first
    assert Answer.objects.get().concept == "grass"
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(("second", "kept"), [(None, None), (2, 2), (3, None)])
def test_a_second_group_may_be_chosen_and_is_never_the_first_again(assignment, second, kept):
    assert submit(assignment, form(group=3, second_group=second)).second_group == kept


def test_words_are_stored_as_said_but_for_stray_spaces(assignment):
    assert submit(assignment, form(concept=" Brown \n\0 dOG ")).concept == "Brown dOG"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        (form(concept="  "), "concept", "name in a few words"),
        (form(concept="?!"), "concept", "name in a few words"),
        (form(concept="the left ear of a dog"), "concept", "at most 5 words; these are 6"),
        (form(concept="a" * 101), "concept", "at most 100 characters; these are 101"),
        (form(group=None), "group", "choose the group"),
        (form(group=7), "group", "1 to 6; got 7"),
        (form(second_group=0), "group", "1 to 6; got 0"),
        (form(says="given"), "says", "got 'given'"),
        (form(marked={6}), "marked", "no picture in slot 6"),
        (form(says="maybe"), "says", "got 'maybe'"),
    ],
)
def test_an_incomplete_answer_says_what_is_missing_and_leaves_no_trace(
    assignment, wrong, field, sentence
):
    with pytest.raises(AnswerInvalid) as error:
        submit(assignment, wrong)

    assert list(error.value.errors) == [field]
    assert sentence in error.value.errors[field]
    assert not Attempt.objects.exists()
    assert leases.holds(assignment)


def test_everything_that_is_missing_is_said_at_once(assignment):
    with pytest.raises(AnswerInvalid) as error:
        submit(assignment, form(concept="", group=None, marked={99}))

    assert set(error.value.errors) == {"concept", "group", "marked"}


@pytest.mark.parametrize("concept", ["a" * 100, "one two three four five", "ß", "木"])
def test_up_to_five_words_in_any_script_name_a_concept(assignment, concept):
    assert submit(assignment, form(concept=concept)).concept == concept


def test_nothing_in_common_is_precision_nought_without_a_group(assignment):
    answer = submit(assignment, form(concept="x", group=5, says="nothing", marked={1}))

    assert (answer.fitting, answer.shown) == (0, 4)
    assert (answer.concept, answer.group) == ("", None)
    assert Mark.objects.get().exemplar.slot == 1


def test_nothing_in_common_is_never_judged_by_catch_images():
    study = published_study(catch_policy="block")

    answer = submit(accepted(study), form(says="nothing"))

    assert (answer.catch_marked_at_first, answer.catch_shown) == (0, 0)


def test_two_things_count_for_the_first_named(assignment):
    answer = submit(assignment, form(concept="dog", group=5, says="two things", marked={0, 1}))

    assert (answer.fitting, answer.concept, answer.group) == (2, "dog", 5)


def test_the_silent_policy_takes_a_missed_catch_image_and_records_it(assignment):
    answer = submit(assignment, form(marked={4}))

    assert (answer.catch_marked_at_first, answer.catch_shown) == (1, 2)


@pytest.fixture
def gated():
    return accepted(published_study(catch_policy="block"))


def test_the_block_policy_refuses_until_catch_images_are_marked(gated):
    with pytest.raises(AnswerRefused):
        submit(gated, form(marked={4}))

    answer = submit(gated, form(marked={4, 5}))

    assert (answer.catch_marked_at_first, answer.catch_shown) == (1, 2)
    assert list(gated.attempts.order_by("number").values_list("was_refused", flat=True)) == [
        True,
        False,
    ]


def test_the_refusal_tells_nothing_about_which_pictures(gated):
    messages = set()
    for marked in ({4}, {5, 0}):
        with pytest.raises(AnswerRefused) as error:
            submit(gated, form(marked=marked))
        messages.add(str(error.value))

    assert len(messages) == 1
    assert not any(character.isdigit() for character in messages.pop())


def test_a_third_attempt_is_taken_whatever_it_marks(gated):
    for _ in range(2):
        with pytest.raises(AnswerRefused):
            submit(gated, form())

    answer = submit(gated, form())

    assert answer.catch_marked_at_first == 0
    assert gated.attempts.count() == 3


def test_who_was_refused_once_may_insist_that_the_rest_fits(gated):
    with pytest.raises(AnswerRefused):
        submit(gated, form(), looked_again=True)  # nobody can have looked again yet

    answer = submit(gated, form(), looked_again=True)

    assert answer.catch_marked_at_first == 0


def test_a_refused_worker_still_has_the_place(gated):
    with pytest.raises(AnswerRefused):
        submit(gated, form())

    assert leases.holds(gated)
    assert not Answer.objects.exists()


def test_an_attempt_keeps_what_was_said(gated):
    with pytest.raises(AnswerRefused):
        submit(gated, form(marked={1, 0}))

    stored = Attempt.objects.get().form
    assert json.loads(json.dumps(stored)) == {
        "concept": "grass",
        "group": 3,
        "second_group": None,
        "marked": [0, 1],
        "says": "concept",
        "looked_again": False,
    }


def test_a_late_answer_counts_while_its_place_is_free(assignment):
    let_lapse(assignment)
    leases.expire_assignments()

    assert not submit(assignment, form()).is_surplus
    assert Place.objects.filter(is_filled=True).count() == 1


def test_a_late_answer_is_surplus_once_somebody_else_has_the_place():
    study = published_study(places=1)
    late = accepted(study, "ana")
    let_lapse(late)
    in_time = accepted(study, "ben")

    assert submit(late, form()).is_surplus
    assert leases.holds(in_time)
    assert not submit(in_time, form()).is_surplus


def test_a_late_answer_counts_again_when_the_place_was_taken_and_returned():
    study = published_study(places=1)
    late = accepted(study, "ana")
    let_lapse(late)
    leases.give_back(accepted(study, "ben"))

    assert not submit(late, form()).is_surplus


def test_what_was_given_back_takes_no_answer(assignment):
    leases.give_back(assignment)

    with pytest.raises(NotOpen, match="skipped this set"):
        submit(assignment, form())

    assert not Answer.objects.exists()


def test_an_answer_takes_few_queries(assignment, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        submit(assignment, form(marked={0, 1, 4, 5}))
