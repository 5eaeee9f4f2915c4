"""Units of earlier dissections that never fire are marked as dead when the database is migrated."""

import pytest
from django.apps import apps

from annotator.models import Exemplar, Image, Layer, Network, Study, Unit
from tests.models.migrations import migration


@pytest.fixture
def migrate():
    return lambda: migration("live_units").find_dead(apps, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spec", "condition", "maximum", "has_images", "dead"),
    [
        ("torchvision:alexnet", "trained", 0, True, True),
        ("torchvision:alexnet", "random directions", 0, True, True),
        ("torchvision:alexnet", "trained", 0.5, True, False),
        ("torchvision:alexnet", "trained", -0.5, True, False),
        ("torchvision:alexnet", "random images", 0, True, False),
        ("imported:theirs", "trained", 0, True, False),
        ("imported", "trained", 0, False, False),
    ],
)
def test_a_maximum_of_0_marks_a_dead_unit_where_it_is_known(
    migrate, spec, condition, maximum, has_images, dead
):
    study = Study.objects.create(name="s")
    network = Network.objects.create(
        study=study, name="n", position=0, spec=spec, condition=condition
    )
    layer = Layer.objects.create(
        network=network, name="l", position=0, unit_count=1, map_height=1, map_width=1
    )
    unit = Unit.objects.create(layer=layer, number=0, maximum=maximum, threshold=0, saturated=True)
    if has_images:
        image = Image.objects.create(study=study, place=0, path="a", tile="a.jpg", zoom="a.jpg")
        Exemplar.objects.create(
            unit=unit, image=image, role="top", rank=1, score=maximum, peak_y=0, peak_x=0, mask=0
        )

    migrate()
    migrate()

    unit.refresh_from_db()
    assert unit.dead is dead
