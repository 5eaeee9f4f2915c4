"""A verification shows other images than naming does, with regions that do not tell them apart."""

import pytest

from annotator.models import Exemplar, Unit
from annotator.publishing import MAX_REPEATS, NotPublishable
from annotator.publishing.catch.layer_catch_images import LayerCatchImages
from annotator.publishing.hit_pictures import naming_pictures
from annotator.publishing.layer_dissection import LayerDissection
from annotator.publishing.verification import first_slot, verification_pictures
from tests.publishing.dissections import COLLECTED, IMAGES, TOP, dissected_study

pytestmark = pytest.mark.django_db


def pictures_of(study, number=1, pictures=verification_pictures):
    unit = Unit.objects.get(layer__network__study=study, number=number)
    dissection = LayerDissection(unit.layer)
    return pictures(study, dissection, LayerCatchImages(dissection), unit)


def test_it_shows_the_ranks_below_the_top_images_and_random_images():
    exemplars = pictures_of(dissected_study())

    held_out = [exemplar for exemplar in exemplars if exemplar.role == "held-out"]
    random = [exemplar for exemplar in exemplars if exemplar.role == "random"]
    assert sorted(exemplar.rank for exemplar in held_out) == list(range(TOP + 1, COLLECTED + 1))
    assert [exemplar.image.place for exemplar in held_out] != []
    assert len(random) == 20
    assert len(held_out) + len(random) == len(exemplars)


def test_it_shows_no_image_that_naming_shows_whichever_is_published_first():
    study = dissected_study(catch_count=3)
    verified = {exemplar.image_id for exemplar in pictures_of(study)}
    Exemplar.objects.bulk_create(pictures_of(study))

    named = {exemplar.image_id for exemplar in pictures_of(study, pictures=naming_pictures)}

    assert not verified & named


def test_its_slots_come_after_all_that_naming_may_use():
    study = dissected_study(catch_count=3, repeat_count=0)

    exemplars = pictures_of(study)

    assert first_slot(study) == TOP + 3 + MAX_REPEATS
    slots = [exemplar.slot for exemplar in exemplars]
    assert slots == list(range(first_slot(study), first_slot(study) + len(exemplars)))


def test_random_images_borrow_shapes_of_top_images_and_areas_of_held_out_ones():
    exemplars = pictures_of(dissected_study())

    areas = {exemplar.coverage for exemplar in exemplars if exemplar.role == "held-out"}
    for exemplar in exemplars:
        if exemplar.role == "random":
            assert exemplar.mask < TOP
            assert exemplar.mask != 4  # an empty region lends nothing
            assert exemplar.coverage in areas
            assert exemplar.score == 0


def test_every_verification_of_a_unit_shows_the_same_pictures():
    study = dissected_study()
    exemplars = pictures_of(study)
    Exemplar.objects.bulk_create(exemplars)

    again = pictures_of(study)

    assert [(one.image_id, one.slot) for one in again] == [
        (one.image_id, one.slot) for one in exemplars
    ]
    assert all(exemplar.pk for exemplar in again)


@pytest.mark.parametrize("design", [{"random": 0}, {"top_count": COLLECTED}])
def test_a_dissection_without_further_images_is_told_to_have_more(design):
    with pytest.raises(NotPublishable, match="dissect more images"):
        pictures_of(dissected_study(**design))


def test_random_images_are_drawn_from_those_of_the_dissection():
    exemplars = pictures_of(dissected_study(random=10))

    random = [exemplar for exemplar in exemplars if exemplar.role == "random"]
    assert {exemplar.image.place for exemplar in random} <= set(range(IMAGES - 10, IMAGES))
