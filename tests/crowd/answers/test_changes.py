"""Workers may change their own last answer for ten minutes; what counts for catch images stays."""

from datetime import timedelta

import pytest
from django.db.models import F

from annotator.crowd.answers import changes
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import AnswerInvalid, NotOpen
from annotator.crowd.review import decisions
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, Hit, KnownAnswer
from annotator.results.loading.data_fingerprint import data_fingerprint
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIRST = AnswerForm("dog", 5, frozenset({1, 4}), second_group=4, remark="blurry")
OTHER = AnswerForm("cat ears", 4, frozenset({0, 1, 2, 5}))


@pytest.fixture
def study(db):
    """Two units; each HIT shows top images in slots 0 to 3 and catch images in 4 and 5."""
    return published_study(layers=(("n", "l", 2),))


@pytest.fixture
def ana(study):
    return workers(study, "ana")[0]


@pytest.fixture
def answered(study, ana):
    """Ana's answer about the first unit, as submitted just now."""
    return answer_next(ana, FIRST)


def answer_next(worker, form):
    hits = Hit.objects.filter(unit__layer__network__study=worker.study)
    hit = hits.exclude(assignments__worker=worker).order_by("pk").first()
    assignment = leases.accept(worker, hit)
    submit(assignment, form)
    return Assignment.objects.get(pk=assignment.pk)


def test_a_change_replaces_the_answer_and_its_marks(answered):
    changes.change(answered, OTHER)

    answer = Answer.objects.get()
    assert changes.form_of_answer(answer) == OTHER
    assert (answer.shown, answer.fitting) == (4, 1)
    assert answer.assignment.place.is_filled


def test_a_change_is_logged_and_catch_images_count_as_at_first(answered):
    assert Answer.objects.get().catch_marked_at_first == 1

    changes.change(answered, AnswerForm("dog", 5, frozenset({4, 5})))

    answer = Answer.objects.get()
    assert (answer.catch_shown, answer.catch_marked_at_first) == (2, 1)
    attempts = answered.attempts.order_by("number").values_list("number", "form__marked")
    assert list(attempts) == [(1, [1, 4]), (2, [4, 5])]


def test_the_time_and_the_pay_stay_those_of_the_first(answered):
    changes.change(answered, OTHER)

    after = Assignment.objects.get()
    assert (after.submitted_at, after.status) == (answered.submitted_at, "submitted")


def test_nothing_in_common_has_no_name_and_no_marks_that_count(answered):
    changes.change(answered, AnswerForm("dog", 5, frozenset(), says="nothing"))

    answer = Answer.objects.get()
    assert (answer.concept, answer.group, answer.fitting) == ("", None, 0)


def test_the_same_again_is_no_change(answered):
    changes.change(answered, FIRST)

    assert answered.attempts.count() == 1


def test_an_incomplete_change_leaves_the_answer(answered):
    with pytest.raises(AnswerInvalid):
        changes.change(answered, AnswerForm("", 5, frozenset()))

    assert changes.form_of_answer(Answer.objects.get()) == FIRST


def test_pictures_that_were_hidden_stay_unjudged(study, ana):
    from annotator.crowd.answers import pictures

    assignment = leases.accept(ana, Hit.objects.order_by("pk").first())
    pictures.hide(assignment, 0)
    submit(assignment, FIRST)

    changes.change(assignment, OTHER)

    assert set(Answer.objects.get().marks.values_list("exemplar__slot", flat=True)) == {1, 2, 5}
    assert Answer.objects.get().shown == 3


def practise(answered):
    KnownAnswer.objects.create(unit=answered.unit, concepts=["dog"], for_training=True)


def wait(answered):
    ten = timedelta(minutes=changes.CHANGE_MINUTES, seconds=1)
    Assignment.objects.update(submitted_at=F("submitted_at") - ten)


TOO_LATE = {
    "ten minutes have passed": wait,
    "the next is submitted": lambda answered: answer_next(answered.worker, OTHER),
    "a reviewer has decided": lambda answered: decisions.approve(answered, COMMAND),
    "it was practice": practise,
}


@pytest.mark.parametrize("why", TOO_LATE)
def test_an_answer_cannot_be_changed_once(answered, why):
    TOO_LATE[why](answered)

    with pytest.raises(NotOpen, match="for 10 minutes"):
        changes.change(answered, OTHER)

    assert changes.form_of_answer(answered.answer) == FIRST


def test_only_its_worker_can_change_it(study, answered):
    assert changes.changeable(answered.worker) == answered
    assert changes.changeable(workers(study, "ben")[0]) is None


def test_a_changed_answer_makes_another_report(study, answered):
    before = data_fingerprint(study)

    changes.change(answered, OTHER)

    assert data_fingerprint(study) != before


@pytest.mark.parametrize(
    ("form", "is_kept"),
    [
        (FIRST, True),
        (AnswerForm(" d\u200bog ", 5, frozenset({1, 4}), second_group=4, remark="blurry "), True),
        (OTHER, False),
        (AnswerForm("", None, frozenset()), False),
        (AnswerForm("dog", 5, frozenset({1}), second_group=4, remark="blurry"), False),
    ],
)
def test_an_answer_is_kept_if_it_is_what_a_form_says(answered, form, is_kept):
    assert changes.is_kept(answered.answer, form) == is_kept
