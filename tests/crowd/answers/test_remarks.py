"""A remark is stored with its answer and nowhere else."""

from dataclasses import replace

import pytest

from annotator.crowd.answers import drafts
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import MAX_REMARK_CHARACTERS
from annotator.crowd.errors import AnswerInvalid
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Attempt
from tests.crowd.reviewing import GRASS
from tests.crowd.studies import add_verification, published_study, the_hit, workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return workers(published_study(), "ana")[0]


@pytest.fixture
def assignment(ana):
    return leases.accept(ana, the_hit(ana.study))


def test_a_remark_is_optional_and_stands_with_its_answer_tidied(assignment):
    answer = submit(assignment, replace(GRASS, remark="  Picture 3 is\r\n upside down. "))

    assert Answer.objects.get(pk=answer.pk).remark == "Picture 3 is upside down."


def test_an_answer_without_a_remark_has_none(assignment):
    assert submit(assignment, GRASS).remark == ""


@pytest.mark.parametrize("says", ["nothing", "two things"])
def test_every_answer_may_have_one(assignment, says):
    assert submit(assignment, replace(GRASS, says=says, remark="Hm.")).remark == "Hm."


def test_a_verification_may_have_one_too(ana):
    assignment = leases.accept(ana, add_verification(ana.study))

    assert submit(assignment, replace(GRASS, remark="Hm.")).remark == "Hm."


def test_a_remark_that_is_too_long_is_refused_not_cut(assignment):
    with pytest.raises(AnswerInvalid) as refused:
        submit(assignment, replace(GRASS, remark="x" * (MAX_REMARK_CHARACTERS + 1)))

    assert refused.value.errors == {"remark": "Please use at most 500 characters; these are 501."}
    assert not Answer.objects.exists()


def test_attempts_which_readers_may_download_hold_no_remark(assignment):
    submit(assignment, replace(GRASS, remark="My name is Ana."))

    assert "remark" not in Attempt.objects.get().form


def test_a_draft_keeps_the_remark_and_older_drafts_have_none(assignment):
    content = {"concept": "grass", "group": 3, "says": "concept", "marked": [], "views": []}
    content |= {"view": "whole", "remark": "Hm."}
    assert drafts.form_of(drafts.save(assignment, 0, content)).remark == "Hm."

    draft = assignment.draft
    del draft.content["remark"]
    assert drafts.form_of(draft).remark == ""
