"""Classifiers that ignore shapes agree with their definitions."""

from itertools import product

import numpy as np
import pytest
import torch

from dissect.demo.baselines import (
    Samples,
    best_object_rule,
    color_histograms,
    histogram_accuracy,
    most_telling_object,
)
from dissect.demo.concepts import OBJECTS


def test_the_color_classifier_learns_where_color_decides():
    images = torch.zeros(60, 3, 8, 8, dtype=torch.uint8)
    images[::2, 0] = 200
    samples = samples_of(images, torch.arange(60) % 2)

    assert histogram_accuracy(samples, samples, steps=50) == 1.0


def samples_of(images, targets, seen=None):
    if seen is None:
        seen = torch.zeros(len(images), len(OBJECTS), dtype=torch.bool)
    return Samples(("bedroom", "street", "farm"), images, targets, seen)


def test_a_color_histogram_agrees_with_its_definition():
    images = torch.randint(0, 256, (3, 3, 9, 9), dtype=torch.uint8)

    for image, histogram in zip(images, color_histograms(images), strict=True):
        pixels = image.flatten(1).T.numpy()
        counts, _ = np.histogramdd(pixels, bins=(8, 8, 8), range=((0, 256),) * 3)
        assert np.allclose(histogram.numpy() ** 2, counts.ravel() / 81, atol=1e-6)


def random_samples(seed):
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(90) % 3
    seen = torch.rand(90, len(OBJECTS), generator=generator) < 0.3
    seen[:, 7] = targets == 2  # one object that gives a scene away
    return samples_of(torch.zeros(90, 3, 1, 1, dtype=torch.uint8), targets, seen)


def test_the_best_rule_is_the_best_of_all_rules():
    samples = random_samples(seed=0)

    rights = {
        (thing, yes, no): int(
            (torch.where(samples.seen[:, thing], yes, no) == samples.targets).sum()
        )
        for thing, yes, no in product(range(len(OBJECTS)), range(3), range(3))
    }
    rule = best_object_rule(samples, samples)
    assert rule.accuracy == pytest.approx(max(rights.values()) / 90)
    assert (rule.object, rule.if_seen) == (list(OBJECTS)[7], "farm")


def test_the_most_telling_object_is_the_one_that_gives_a_scene_away():
    telling = most_telling_object(random_samples(seed=1))

    assert (telling.object, telling.scene, telling.share) == (list(OBJECTS)[7], "farm", 1.0)
