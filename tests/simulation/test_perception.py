"""What simulated workers perceive of a unit, and whether it beats chance."""

import numpy as np
import pytest
from scipy.stats import binom

from annotator.models import Layer, Network
from annotator.simulation.crowd import hits_of
from annotator.simulation.perception import (
    GRID,
    MIN_FITTING,
    POINTS,
    beats_chance,
    hit_regions,
    perceive,
    perception_of,
    region_points,
    region_sizes,
)
from tests.simulation.worlds import LEVELS, study_of

pytestmark = pytest.mark.django_db


def seen_in(study):
    perception = perception_of(study)
    return [(perception.labels, seen) for _, seen in perceive(hits_of(study), perception)]


def best_name(labels, seen):
    return None if seen.best is None else labels[seen.best].name


@pytest.mark.parametrize(
    ("detector", "name"),
    [
        (("object", 2, 0.9), "tree"),
        (("color", 4, 0.8), "black"),
        (("surface", 1, 0.9), None),  # regions lie on the boxes, not on the ground
        (("object", 0, None), None),
    ],
)
def test_a_unit_is_what_its_regions_share_beyond_chance(world, detector, name):
    ((labels, seen),) = seen_in(study_of(world, [detector]))

    assert best_name(labels, seen) == name


def slow_evidence(world, hit, slot, level, number):
    """By its definition: the share of the region, or a third of twice the part of an object."""
    mask = world.labels(hit.unit.exemplars.get(slot=slot).image.place, level)[1::2, 1::2]
    mask = mask == number + 1  # the grid's centers
    region = hit_regions(hit, 23)[slot]
    covered, part = mask[region].mean(), (mask & region).sum() / mask.sum() if mask.any() else 0
    return max(covered, 2 * part / 3) if level == "object" and covered >= 0.05 else covered


@pytest.mark.parametrize("margin", [4, -12, 20])
@pytest.mark.parametrize(("level", "number"), [("object", 3), ("color", 2), ("surface", 1)])
def test_evidence_is_what_labels_cover_or_how_much_of_an_object_is_there(
    world, level, number, margin
):
    study = study_of(world, [(level, number, 0.7)], margin=margin)
    perception = perception_of(study)
    ((hit, seen),) = perceive(hits_of(study), perception)
    label = [label.name for label in perception.labels].index(LEVELS[level][1][number])

    for row in (0, 7, 22):
        slowly = slow_evidence(world, hit, seen.slots[row], level, number)
        assert seen.evidence[row, label] == pytest.approx(slowly, abs=0.08)


@pytest.mark.parametrize(
    ("detector", "name"), [(("object", 2, 0.9), "tree"), (("color", 4, 0.9), None)]
)
def test_a_large_region_shows_the_object_in_it_but_no_small_patch_of_color(world, detector, name):
    ((labels, seen),) = seen_in(study_of(world, [detector], margin=20))

    assert best_name(labels, seen) == name


def test_a_label_is_shared_by_the_top_images_with_evidence_of_a_third(world):
    study = study_of(world, [("object", 3, 0.7)], tops=20, catches=10)
    ((labels, seen),) = seen_in(study)

    slowly = [
        sum(evidence >= 1 / 3 for evidence in of_label[:20]) / 20 for of_label in seen.evidence.T
    ]
    assert seen.share == pytest.approx(slowly)
    assert len(seen.slots) == 30


def test_pixels_without_a_label_are_no_concept(world):
    study = study_of(world, [("object", 3, 0.9)])
    ((_, seen),) = seen_in(study)

    assert (seen.evidence[:, 0] == 0).all()
    assert not seen.beats_chance[0]


def test_the_base_rate_is_how_often_a_label_fits_random_images(world):
    ((labels, seen),) = seen_in(study_of(world, [("object", 3, 0.9)]))
    grass = next(n for n, label in enumerate(labels) if label.name == "grass")
    tree = next(n for n, label in enumerate(labels) if label.name == "tree")

    assert 0.15 < seen.base[grass] < 0.35  # one of four grounds, under most of a region
    assert seen.base[tree] < 0.1  # one of eight things, somewhere else in the picture
    assert (seen.base > 0).all()


def test_chance_is_beaten_by_the_binomial_test_over_all_labels():
    fits = np.zeros((40, 3), dtype=bool)
    fits[:30, 0] = True
    fits[:12, 1] = True
    fits[:9, 2] = True
    base = np.array([0.5, 0.2, 0.001])

    for label, (count, chance) in enumerate(zip([30, 12, 9], base, strict=True)):
        slowly = sum(binom.pmf(k, 40, chance) for k in range(count, 41)) * 3 < 0.01
        assert beats_chance(fits, base)[label] == (slowly and count >= MIN_FITTING * 40)
    assert beats_chance(fits, base).tolist() == [True, False, False]


def test_a_label_that_fits_by_chance_hardly_ever_beats_it():
    random = np.random.default_rng(0)
    base = np.full(100, 0.3)
    false_alarms = [beats_chance(random.random((60, 100)) < base, base).any() for _ in range(300)]

    assert np.mean(false_alarms) < 0.03  # at most .01 is promised


def test_an_empty_region_is_as_large_as_the_grid():
    regions = np.zeros((2, GRID, GRID), dtype=bool)
    regions[1, 10:40, 20:50] = True

    assert region_sizes(regions).tolist() == [GRID * GRID, 900]


def test_points_lie_in_the_region_and_an_empty_region_counts_as_whole():
    regions = np.zeros((3, GRID, GRID), dtype=bool)
    regions[0, 5, 7] = True
    regions[1, 10:40, 20:50] = True

    points = region_points(regions)

    assert points.shape == (3, POINTS)
    assert set(points[0].tolist()) == {5 * GRID + 7}
    assert regions[1].ravel()[points[1]].all()
    assert len(set(points[1].tolist())) == POINTS
    assert points[2].min() == 0
    assert points[2].max() == GRID * GRID - 1


def test_perception_does_not_depend_on_network_or_layer(world):
    study = study_of(world, [("object", 3, 0.9)])
    perception = perception_of(study)
    shown = hits_of(study)[0].unit.exemplars.all()
    before = perception.look(hits_of(study)[0], shown)
    Network.objects.update(name="other", spec="other", weights_sha256="0")
    Layer.objects.update(name="deep", position=7)

    after = perception_of(study).look(hits_of(study)[0], shown)

    assert np.array_equal(before.evidence, after.evidence)
    assert np.array_equal(before.base, after.base)
