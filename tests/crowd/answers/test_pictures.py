"""The pictures of a HIT: their order on the page, and those that a worker hides."""

import pytest

from annotator.crowd.answers import pictures
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.errors import AnswerInvalid, NotOpen, NotShown, TooFewJudged
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, PictureReport, Place, Study
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOPS, CATCHES = 4, 2  # slots 0 to 3, and 4 and 5


@pytest.fixture
def assignment():
    study = published_study(tops=TOPS, catches=CATCHES)
    return leases.accept(workers(study, "ana")[0], the_hit(study))


def form(*marked, says="concept"):
    return AnswerForm(concept="grass", group=3, marked=frozenset(marked), says=says)


def test_a_hidden_picture_is_neither_shown_nor_fitting():
    study = published_study(tops=TOPS, catches=CATCHES)
    ana, ben = workers(study, "ana", "ben")
    anas, bens = (leases.accept(worker, the_hit(study)) for worker in (ana, ben))
    pictures.hide(anas, 2)

    answers = [submit(each, form(0)) for each in (anas, bens)]

    assert [(answer.shown, answer.fitting) for answer in answers] == [(3, 2), (4, 3)]


def test_a_hidden_catch_image_is_no_question(assignment):
    pictures.hide(assignment, 5)

    answer = submit(assignment, form(4))

    assert (answer.catch_shown, answer.catch_marked_at_first) == (1, 1)
    assert (answer.shown, answer.fitting) == (TOPS, TOPS)


def test_a_mark_on_a_hidden_picture_counts_for_nothing(assignment):
    pictures.hide(assignment, 2)

    answer = submit(assignment, form(1, 2))

    assert (answer.shown, answer.fitting) == (3, 2)
    assert [mark.exemplar.slot for mark in answer.marks.all()] == [1]


@pytest.mark.parametrize(
    ("min_judged", "hidden", "is_answer"),
    [
        (0.5, 3, True),
        (0.5, 4, False),
        (0.5, 6, False),
        (1, 0, True),
        (1, 1, False),
        (0, 5, True),
        (0, 6, False),  # nothing was judged
    ],
)
def test_too_few_judged_pictures_are_a_return_with_a_reason_not_an_answer(
    assignment, min_judged, hidden, is_answer
):
    Study.objects.update(min_judged=min_judged)
    assignment = Assignment.objects.get(pk=assignment.pk)
    for slot in range(hidden):
        pictures.hide(assignment, slot)

    if is_answer:
        assert submit(assignment, form()).shown == max(0, TOPS - hidden)
        return
    with pytest.raises(TooFewJudged, match=f"You hid {hidden} of the 6 pictures"):
        submit(assignment, form())

    assignment.refresh_from_db()
    assert (assignment.status, assignment.place.is_filled) == ("returned", False)
    assert assignment.return_reason == f"judged {6 - hidden} of 6 pictures"
    assert not Answer.objects.exists()
    assert Place.objects.free().count() == 3
    with pytest.raises(NotOpen):
        submit(assignment, form())


def test_an_incomplete_answer_is_returned_to_nobody(assignment):
    for slot in range(6):
        pictures.hide(assignment, slot)

    with pytest.raises(AnswerInvalid):
        submit(assignment, AnswerForm("", None, frozenset()))

    assert leases.holds(assignment)


def test_a_picture_shown_again_is_judged_again(assignment):
    pictures.hide(assignment, 2)
    pictures.show_again(assignment, 2)

    assert pictures.hidden_slots(assignment) == frozenset()
    assert submit(assignment, form(2)).fitting == TOPS - 1


def test_a_picture_is_reported_once_and_the_first_reason_stays(assignment):
    pictures.hide(assignment, 2, "not loaded")
    pictures.hide(assignment, 2)

    assert PictureReport.objects.get().why == "not loaded"
    assert pictures.hidden_slots(assignment) == {2}


@pytest.mark.parametrize(("slot", "why"), [(6, "hidden"), (-1, "hidden"), (1, "ugly")])
def test_what_is_not_shown_cannot_be_hidden(assignment, slot, why):
    with pytest.raises(NotShown):
        pictures.hide(assignment, slot, why)

    assert not PictureReport.objects.exists()


@pytest.mark.parametrize("change", [pictures.hide, pictures.show_again])
def test_an_answer_is_not_changed_by_what_is_hidden_later(assignment, change):
    submit(assignment, form())

    with pytest.raises(NotOpen):
        change(assignment, 2)


def test_the_page_order_of_an_assignment_is_of_its_hits_slots_and_stays(assignment):
    order = pictures.page_order(assignment)

    assert sorted(order) == list(range(TOPS + CATCHES))
    assert pictures.page_order(assignment) == order
