"""What publishing reads of a dissection: pictures and regions."""

import numpy as np
import pytest

from annotator.models import Layer, Unit
from annotator.publishing.layer_dissection import LayerDissection
from tests.publishing.dissections import COLLECTED, IMAGES, dissected_study, region

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
