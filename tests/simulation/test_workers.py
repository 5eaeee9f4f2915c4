"""Simulated workers verify concepts by the masks, with the errors that they make in naming."""

import pytest

from annotator.models import Answer, Exemplar, Mark, Place, Unit
from annotator.simulation import NotSimulated, calibration, simulate
from tests.simulation.worlds import add_verification, study_of

pytestmark = pytest.mark.django_db

DOG = ("object", 1, 0.8)
MANY = 9  # answers


@pytest.fixture
def study(world):
    return study_of(world, [DOG])


def verified(world, study, concept):
    """The verification of a concept after a crowd answered the study."""
    unit = Unit.objects.get(layer__network__study=study)
    hit = add_verification(world, unit, ("object", 1, 0.5), concept, places=MANY)
    simulate(study, worker_count=MANY + 3, seed=0)
    return hit


def marked_share(world, hit, shows_it):
    """The share of pictures with a dog, or without one, that were marked."""
    shown = [
        exemplar
        for exemplar in hit.shown.select_related("image")
        if (world.shows[exemplar.image.place]["object"] == 1) == shows_it
    ]
    marks = Mark.objects.filter(exemplar__in=shown, answer__assignment__hit=hit)
    return marks.count() / (MANY * len(shown))


def test_they_mark_the_pictures_that_do_not_show_the_concept_and_err(world, study):
    hit = verified(world, study, "Dogs")

    assert 0 < marked_share(world, hit, shows_it=True) < 0.25
    assert 0.5 < marked_share(world, hit, shows_it=False) < 1
    answers = Answer.objects.filter(assignment__hit=hit)
    assert set(answers.values_list("says", "concept", "group")) == {("given", "Dogs", None)}
    assert set(answers.values_list("shown", "random_shown")) == {(12, 8)}


def test_a_concept_that_no_label_has_fits_hardly_any_picture(world, study):
    hit = verified(world, study, "happiness")

    assert marked_share(world, hit, shows_it=True) > 0.5


def test_no_worker_verifies_a_unit_that_they_named(world, study):
    hit = verified(world, study, "dog")

    assert not Place.objects.filter(is_filled=False).exists()
    workers = [
        set(
            Answer.objects.filter(assignment__hit=each).values_list("assignment__worker", flat=True)
        )
        for each in hit.unit.hits.all()
    ]
    assert list(map(len, workers)) == [3, MANY]
    assert not workers[0] & workers[1]


def test_too_few_workers_for_both_are_refused_with_the_number_that_is_wanted(world, study):
    add_verification(world, Unit.objects.get(), DOG, "dog", places=2)

    with pytest.raises(NotSimulated, match="--workers 5 or more"):
        simulate(study, worker_count=4, seed=0)


def test_verifications_leave_what_the_naming_says_as_it_was(world, study):
    other = study_of(world, [DOG], "other")
    simulate(other, worker_count=3, seed=0)

    simulate(study, worker_count=3, seed=0)
    before = calibration(study)
    add_verification(world, study.networks.get().layers.get().units.get(), DOG, "dog")
    simulate(study, worker_count=6, seed=0)

    assert calibration(study) == before == calibration(other)
    assert Exemplar.objects.filter(role="random").exists()
