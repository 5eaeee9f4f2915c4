"""Verification: a given concept, other images, and what the answer counts."""

import pytest

from annotator.crowd.answers import drafts, pictures
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.errors import AlreadyWorked, AnswerInvalid, NotShown
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Hit
from tests.crowd.studies import add_verification, published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HELD_OUT, RANDOM = [6, 7, 8, 9], [10, 11]


@pytest.fixture
def study():
    """A unit that is named (slots 0 to 5), and the concept "grass" of it to verify (6 to 11)."""
    study = published_study(catch_policy="block")
    add_verification(study, places=2, held_out=len(HELD_OUT), random=len(RANDOM))
    return study


def verifying(study, name="ana"):
    hit = Hit.objects.select_related("hit_type").get(kind="verification")
    return leases.accept(workers(study, name)[0], hit)


def form(*marked, **more):
    return AnswerForm(**{"concept": "", "group": None, "marked": frozenset(marked)} | more)


def test_a_verification_counts_what_fits_among_held_out_and_among_random_images(study):
    answer = submit(verifying(study), form(6, 10, 11))

    assert (answer.says, answer.concept, answer.group) == ("given", "grass", None)
    assert (answer.fitting, answer.shown) == (3, 4)
    assert (answer.random_fitting, answer.random_shown) == (0, 2)
    assert (answer.catch_shown, answer.repeat_shown) == (0, 0)
    assert sorted(answer.marks.values_list("exemplar__slot", flat=True)) == [6, 10, 11]


@pytest.mark.parametrize("claim", ["concept", "two things", "nothing", "given", "?"])
def test_whatever_else_is_sent_the_given_concept_is_what_is_answered(study, claim):
    answer = submit(verifying(study), form(6, says=claim, concept="sky", group=1, second_group=9))

    stored = (answer.says, answer.concept, answer.group, answer.second_group, answer.fitting)
    assert stored == ("given", "grass", None, None, 3)


def test_hidden_pictures_are_in_none_of_its_counts(study):
    assignment = verifying(study)
    for slot in (6, 10):
        pictures.hide(assignment, slot)

    answer = submit(assignment, form(6, 10))

    assert (answer.fitting, answer.shown, answer.random_fitting, answer.random_shown) == (
        3,
        3,
        1,
        1,
    )


def test_each_kind_shows_its_own_pictures_and_knows_no_others(study):
    naming = leases.accept(workers(study, "ben")[0], Hit.objects.get(kind="naming"))
    assignment = verifying(study)

    assert sorted(pictures.page_order(naming)) == [0, 1, 2, 3, 4, 5]
    assert sorted(pictures.page_order(assignment)) == [*HELD_OUT, *RANDOM]
    with pytest.raises(NotShown):
        pictures.hide(assignment, 0)
    with pytest.raises(AnswerInvalid):
        submit(assignment, form(0))
    with pytest.raises(AnswerInvalid):
        submit(naming, AnswerForm("grass", 3, frozenset({6})))
    answer = submit(naming, AnswerForm("grass", 3, frozenset({4, 5})))
    assert (answer.shown, answer.catch_shown, answer.random_shown) == (4, 2, 0)


def test_who_named_a_unit_does_not_verify_it_nor_the_other_way_round(study):
    naming, verification = Hit.objects.order_by("pk")
    ana, ben = workers(study, "ana", "ben")
    leases.accept(ana, naming)
    leases.accept(ben, verification)

    with pytest.raises(AlreadyWorked):
        leases.accept(ana, verification)
    with pytest.raises(AlreadyWorked):
        leases.accept(ben, naming)


def test_it_is_never_refused_for_its_marks_and_its_draft_may_say_given(study):
    assignment = verifying(study)
    draft = {"concept": "", "group": None, "says": "given", "marked": [], "view": "region"}
    drafts.save(assignment, 0, draft | {"views": ["region"]})

    submit(assignment, form())

    assert Answer.objects.get().fitting == 4
