"""Which pictures a naming HIT shows, and that only the pictures tell what each is there for."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import JpegImagePlugin

from annotator import storage
from annotator.models import Image, Unit
from annotator.publishing.catch.layer_catch_images import LayerCatchImages
from annotator.publishing.hit_pictures import (
    in_slots,
    mirrored_image,
    mirrored_jpeg,
    naming_pictures,
)
from annotator.publishing.layer_dissection import LayerDissection
from tests.publishing.dissections import COLLECTED, IMAGES, LOW, SYMMETRIC, TOP, dissected_study

pytestmark = pytest.mark.django_db


def pictures_of(study, number=1):
    unit = Unit.objects.get(layer__network__study=study, number=number)
    dissection = LayerDissection(unit.layer)
    return naming_pictures(study, dissection, LayerCatchImages(dissection), unit)


def by_role(exemplars):
    roles = {}
    for exemplar in exemplars:
        roles.setdefault(exemplar.role, []).append(exemplar)
    return roles


def test_a_hit_shows_the_top_images_with_catch_images_and_repeats_among_them():
    exemplars = pictures_of(dissected_study(catch_count=3, repeat_count=2))

    counts = {role: len(group) for role, group in by_role(exemplars).items()}
    assert counts == {"top": TOP, "catch": 3, "repeat": 2}
    assert [exemplar.slot for exemplar in exemplars] == list(range(TOP + 3 + 2))
    assert len({exemplar.image_id for exemplar in exemplars}) == len(exemplars)


def test_catch_images_are_low_images_with_regions_that_the_hit_does_not_show():
    catches = by_role(pictures_of(dissected_study(catch_count=3)))["catch"]

    assert all(exemplar.image.place >= IMAGES - LOW for exemplar in catches)
    assert {exemplar.rank for exemplar in catches} == {None}
    masks = {exemplar.mask for exemplar in catches}
    assert len(masks) == 3
    assert masks <= set(range(TOP, COLLECTED))


def test_the_studys_key_decides_the_order_and_the_catch_images():
    study = dissected_study(catch_count=3)
    order = [(exemplar.slot, exemplar.image_id) for exemplar in pictures_of(study)]
    again = [(exemplar.slot, exemplar.image_id) for exemplar in pictures_of(study)]
    study.key = "another secret"
    study.save()
    other = [(exemplar.slot, exemplar.image_id) for exemplar in pictures_of(study)]

    assert order == again
    assert order != other


def test_slots_count_on_from_the_first():
    study = dissected_study()
    unit = Unit.objects.get(number=0)

    exemplars = in_slots(study, unit, list(unit.exemplars.all()), first=20)

    assert [exemplar.slot for exemplar in exemplars] == list(range(20, 20 + TOP))


def test_a_unit_of_random_images_has_no_controls_and_as_many_pictures():
    study = dissected_study(condition="random images", catch_count=2, repeat_count=1)

    exemplars = pictures_of(study)

    assert {exemplar.role for exemplar in exemplars} == {"top"}
    assert sorted(exemplar.rank for exemplar in exemplars) == list(range(1, TOP + 3 + 1))
    assert len({exemplar.image_id for exemplar in exemplars}) == len(exemplars)


def test_repeats_are_the_best_images_mirrored_with_their_own_regions():
    roles = by_role(pictures_of(dissected_study(repeat_count=2)))

    best = sorted(roles["top"], key=lambda exemplar: exemplar.rank)[:2]
    repeats = sorted(roles["repeat"], key=lambda exemplar: exemplar.mask)
    for original, repeat in zip(best, repeats, strict=True):
        assert (repeat.mask, repeat.coverage) == (original.mask, original.coverage)
        assert repeat.image.place == original.image.place
        assert repeat.image.is_mirrored
        assert repeat.image_id != original.image_id


def test_a_symmetric_picture_is_not_repeated():
    study = dissected_study(repeat_count=2)

    repeats = by_role(pictures_of(study, number=0))["repeat"]

    assert [repeat.image.place for repeat in repeats] == [SYMMETRIC + 1]


def test_an_image_is_mirrored_once():
    study = dissected_study()
    image = study.images.get(place=7)

    first, second = mirrored_image(image), mirrored_image(image)

    assert first == second
    assert Image.objects.filter(place=7).count() == 2
    assert storage.size(f"pictures/{first.tile}") > 0


@pytest.mark.parametrize("quality", [60, 84, 95])
def test_a_mirrored_jpeg_has_mirrored_pixels_and_the_same_settings(quality):
    ramp = np.add.outer(np.arange(32), 6 * np.arange(32)).astype(np.uint8)
    file = io.BytesIO()
    Pillow.fromarray(np.repeat(ramp[..., None], 3, axis=2)).save(file, "JPEG", quality=quality)

    original, mirror = (
        Pillow.open(io.BytesIO(content))
        for content in (file.getvalue(), mirrored_jpeg(file.getvalue()))
    )

    difference = np.asarray(mirror).astype(int) - np.asarray(original).astype(int)[:, ::-1]
    assert np.abs(difference).mean() < 4
    assert mirror.quantization == original.quantization
    assert JpegImagePlugin.get_sampling(mirror) == JpegImagePlugin.get_sampling(original)
