"""What publishing reads of a dissection: pictures, regions, and candidates for catch images."""

import numpy as np
import pytest

from annotator.models import Exemplar, Layer, Study, Unit
from annotator.publishing.layer_dissection import LayerDissection
from tests.publishing.dissections import COLLECTED, IMAGES, LOW, UNITS, dissected_study, region

pytestmark = pytest.mark.django_db


def test_masks_and_coverage_are_those_of_the_units_file():
    dissected_study()
    dissection, unit = LayerDissection(Layer.objects.get()), Unit.objects.get(number=2)

    masks = dissection.masks(unit)

    assert np.array_equal(masks[:COLLECTED], [region(2, mask) for mask in range(COLLECTED)])
    assert dissection.coverage(unit) == pytest.approx(masks[:COLLECTED].mean(axis=(1, 2)))


def test_images_are_the_studys_rows_with_the_dissections_pictures():
    study = dissected_study()
    other = study.images.get(place=3)
    study.images.filter(pk=other.pk).update(tile="of another dissection")

    images = LayerDissection(Layer.objects.get()).images

    assert set(images) == set(range(IMAGES)) - {3}


def test_every_unit_gets_its_number_of_catch_images_from_its_candidates():
    dissected_study(catch_count=3)

    columns = LayerDissection(Layer.objects.get()).catch_columns

    assert sorted(columns) == list(range(UNITS))
    assert all(len(set(own)) == 3 and set(own) <= set(range(LOW)) for own in columns.values())


def test_units_with_catch_images_are_left_out_and_images_in_use_are_not_drawn():
    study = dissected_study(catch_count=3)
    done, unit = Unit.objects.get(number=0), Unit.objects.get(number=1)
    images = list(study.images.filter(place__gte=IMAGES - LOW).order_by("place"))
    rest = {"score": 0, "peak_y": 0, "peak_x": 0, "mask": 0}
    Exemplar.objects.create(unit=done, image=images[0], role="catch", **rest)
    for image in images[:-4]:
        Exemplar.objects.create(unit=unit, image=image, role="random", **rest)

    columns = LayerDissection(Layer.objects.get()).catch_columns

    assert sorted(columns) == [1, 2]
    assert set(columns[1]) <= set(range(LOW - 4, LOW))


def test_the_design_counts_that_the_study_has_now():
    study, layer = (
        dissected_study(catch_count=1),
        Layer.objects.select_related("network__study").get(),
    )
    Study.objects.filter(pk=study.pk).update(catch_count=4, tile_view="crop")

    dissection = LayerDissection(layer)

    assert all(len(columns) == 4 for columns in dissection.catch_columns.values())
    assert dissection.study.tile_view == "crop"
