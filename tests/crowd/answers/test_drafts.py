"""Drafts: each save is based on the one before, so nothing is overwritten unseen."""

import pytest

from annotator.crowd.answers import drafts
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen
from annotator.crowd.scheduling import leases
from annotator.models import Draft
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SAID = {
    "concept": "green ball",
    "group": 5,
    "second_group": 4,
    "remark": "",
    "says": "two things",
    "marked": [3, 1],
    "view": "outline",
    "views": ["region", "outline", "region"],
}


@pytest.fixture
def assignment():
    study = published_study()
    return leases.accept(workers(study, "ana")[0], the_hit(study))


def test_every_save_raises_the_revision_by_one(assignment):
    revisions = [drafts.save(assignment, revision, SAID).revision for revision in range(3)]

    assert revisions == [1, 2, 3]
    assert Draft.objects.get().revision == 3


def test_what_comes_back_is_what_was_saved(assignment):
    drafts.save(assignment, 0, SAID)

    draft = Draft.objects.get()
    assert draft.content == SAID | {"marked": [1, 3], "views": ["outline", "region"]}
    assert drafts.form_of(draft) == AnswerForm("green ball", 5, frozenset({1, 3}), "two things", 4)


@pytest.mark.parametrize("revision", [0, 1, 3, -1])
def test_a_save_based_on_another_revision_is_refused_with_the_newer_draft(assignment, revision):
    drafts.save(assignment, 0, SAID)
    drafts.save(assignment, 1, SAID | {"concept": "ball"})

    with pytest.raises(DraftStale) as refused:
        drafts.save(assignment, revision, SAID | {"concept": "cube"})

    assert (refused.value.draft.revision, refused.value.draft.content["concept"]) == (2, "ball")
    assert Draft.objects.get().content["concept"] == "ball"


def test_a_form_that_was_not_accepted_becomes_the_newest_draft(assignment):
    drafts.save(assignment, 0, SAID)
    form = AnswerForm("ball", None, frozenset({2}), "concept")

    kept = drafts.keep(assignment, form, "whole")

    assert (kept.revision, drafts.form_of(Draft.objects.get())) == (2, form)
    assert kept.content["views"] == ["outline", "region", "whole"]
    assert drafts.keep(assignment, form, "whole").revision == 2  # it says the same


@pytest.mark.parametrize(
    ("group", "marked", "view"), [(7, 2, "whole"), (5, -1, "whole"), (5, 2, "x")]
)
def test_a_form_that_no_draft_may_say_is_not_kept(assignment, group, marked, view):
    with pytest.raises(DraftInvalid):
        drafts.keep(assignment, AnswerForm("ball", group, frozenset({marked})), view)

    assert not Draft.objects.exists()


def test_an_answered_or_returned_hit_takes_no_draft(assignment):
    submit(assignment, AnswerForm("ball", 5, frozenset()))

    with pytest.raises(NotOpen):
        drafts.save(assignment, 0, SAID)


def test_the_draft_stays_when_the_answer_is_given(assignment):
    drafts.save(assignment, 0, SAID)
    submit(assignment, AnswerForm("ball", 5, frozenset()))

    assert Draft.objects.get().content["views"] == ["outline", "region"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"concept": None},
        {"concept": "x" * 101},
        {"group": 7},
        {"group": True},
        {"group": "5"},
        {"says": ""},
        {"marked": "12"},
        {"marked": [1.5]},
        {"marked": [True]},
        {"marked": [-1]},
        {"marked": list(range(1001))},
        {"view": "catch"},
        {"views": ["region", 1]},
        {"views": "region"},
        {"more": 1},
    ],
    ids=str,
)
def test_only_what_a_page_sends_is_stored(assignment, wrong):
    with pytest.raises(DraftInvalid):
        drafts.save(assignment, 0, SAID | wrong)

    assert not Draft.objects.exists()


@pytest.mark.parametrize("said", [None, [], "x", {}, {"concept": "ball"}])
def test_what_is_no_draft_is_refused(assignment, said):
    with pytest.raises(DraftInvalid):
        drafts.save(assignment, 0, said)


def test_what_a_database_cannot_store_is_left_out(assignment):
    assert (
        drafts.save(assignment, 0, SAID | {"concept": "a\0b\ud800c "}).content["concept"] == "abc "
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"group": 7}, "A draft's group cannot be '7': Input should be less than or equal to 6."),
        ({"marked": [0, -1]}, "A draft's marked.1 cannot be '-1'"),
        ({"more": 1}, "'more' is unknown."),
    ],
)
def test_the_refusal_names_the_part_and_its_value(assignment, wrong, sentence):
    with pytest.raises(DraftInvalid) as refused:
        drafts.save(assignment, 0, SAID | wrong)

    assert sentence in str(refused.value)
