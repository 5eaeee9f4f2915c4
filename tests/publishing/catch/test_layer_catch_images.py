"""Which low images of a layer's units become catch images, and what they must be like."""

import numpy as np
import pytest

from annotator.models import Exemplar, Layer, Study, Unit
from annotator.publishing.catch import layer_catch_images, lenders
from annotator.publishing.catch.layer_catch_images import LayerCatchImages
from annotator.publishing.catch.raking import NONE
from annotator.publishing.layer_dissection import LayerDissection
from tests.publishing.dissections import COLLECTED, IMAGES, LOW, TOP, UNITS, dissected_study

pytestmark = pytest.mark.django_db


def columns(layer):
    """{unit number: columns of its catch images among the low images}, of units with any."""
    catch = LayerCatchImages(LayerDissection(layer))
    drawn = {unit.number: catch.of(unit) for unit in layer.units.all()}
    return {number: [image.column for image in own] for number, own in drawn.items() if own}


def test_every_unit_gets_its_number_of_catch_images_from_its_candidates():
    dissected_study(catch_count=3)

    drawn = columns(Layer.objects.get())

    assert sorted(drawn) == list(range(UNITS))
    assert all(len(set(own)) == 3 and set(own) <= set(range(LOW)) for own in drawn.values())


def test_units_with_catch_images_are_left_out_and_images_in_use_are_not_drawn():
    study = dissected_study(catch_count=3)
    done, unit = Unit.objects.get(number=0), Unit.objects.get(number=1)
    images = list(study.images.filter(place__gte=IMAGES - LOW).order_by("place"))
    rest = {"score": 0, "peak_y": 0, "peak_x": 0, "mask": 0}
    Exemplar.objects.create(unit=done, image=images[0], role="catch", **rest)
    for image in images[:-4]:
        Exemplar.objects.create(unit=unit, image=image, role="random", **rest)

    drawn = columns(Layer.objects.get())

    assert sorted(drawn) == [1, 2]
    assert set(drawn[1]) <= set(range(LOW - 4, LOW))


def test_the_design_counts_that_the_study_has_now():
    study, layer = (
        dissected_study(catch_count=1),
        Layer.objects.select_related("network__study").get(),
    )
    Study.objects.filter(pk=study.pk).update(catch_count=4, tile_view="crop")

    dissection = LayerDissection(layer)

    assert all(len(own) == 4 for own in columns(layer).values())
    assert dissection.study.tile_view == "crop"


@pytest.mark.parametrize("view", ["full", "crop"])
def test_repeats_are_on_the_page_too_as_images_of_their_own(view):
    dissected_study(catch_count=2, repeat_count=2, tile_view=view)
    layer = Layer.objects.get()

    pool = LayerCatchImages(LayerDissection(layer)).pool(list(layer.units.all()))

    assert pool.shown.shape == (UNITS, TOP + 2)
    assert (pool.shown[:, TOP:] == pool.shown[:, :2] + IMAGES).all()
    mirrored = np.bincount(pool.shown[:, TOP:].ravel(), minlength=2 * IMAGES)[IMAGES:]
    assert pool.hit_counts[IMAGES:].tolist() == mirrored.tolist()
    for cue in pool.cues:
        assert cue.shown.shape == pool.shown.shape
        assert cue.offered.shape == pool.candidates.shape
        assert np.isfinite(cue.offered[pool.candidates != NONE]).all()


@pytest.fixture
def lent(monkeypatch):
    """What was offered in each draw of regions, and the cues and repetition it was drawn by."""
    draws = []

    def draw_lenders(offered, cues, points, repetition):
        draws.append((offered, cues, repetition))
        return lenders.draw_lenders(offered, cues, points, repetition)

    monkeypatch.setattr(layer_catch_images, "draw_lenders", draw_lenders)
    return draws


def test_regions_are_borrowed_from_images_that_are_not_shown_by_images_that_are_drawn(lent):
    dissected_study(catch_count=2, tile_view="crop")
    layer = Layer.objects.get()
    images = np.array([[40, 41], [42, NONE], [43, 44]])

    masks = LayerCatchImages(LayerDissection(layer)).lenders(list(layer.units.all()), images)

    assert masks.shape == images.shape
    assert masks[1, 1] == NONE
    assert ((masks >= TOP) & (masks < COLLECTED) | (images == NONE)).all()
    ((offered, cues, repetition),) = lent
    assert not offered[1, 1].any()
    for cue in [*cues, repetition.cue(np.zeros((UNITS * 2, COLLECTED)))]:
        assert cue.shown.shape == (UNITS * 2, TOP)
        assert np.isfinite(cue.offered[offered.reshape(UNITS * 2, -1)]).all()


def test_a_tile_that_comes_again_in_other_units_counts_by_definition(lent):
    dissected_study(catch_count=2, repeat_count=0, tile_view="crop")
    dissection = LayerDissection(Layer.objects.get())
    units = list(dissection.layer.units.all())
    catch = LayerCatchImages(dissection)
    shown, images = catch.pool(units).shown, np.array([[3, 41], [4, 44], [45, 46]])

    catch.lenders(units, images)

    tiles = [
        [(place, dissection.boxes(unit.number)[rank]) for rank, place in enumerate(row)]
        for unit, row in zip(units, shown.tolist(), strict=True)
    ]
    everywhere = [tile for row in tiles for tile in row]
    ((offered, _, repetition),) = lent
    counts = repetition.cue(np.zeros((len(units) * 2, offered.shape[2])))
    assert counts.shown[::2].tolist() == [list(map(everywhere.count, row)) for row in tiles]
    for row, place in enumerate(images.ravel().tolist()):
        boxes = dissection.boxes(units[row // 2].number)
        for mask in np.flatnonzero(offered[row // 2, row % 2]):
            assert counts.offered[row, mask] == everywhere.count((place, boxes[mask])) + 1
