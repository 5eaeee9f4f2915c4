"""Catch images are drawn with a key; over a layer, repetition and size do not tell them."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.publishing.catch.draw import (
    NONE,
    CatchCandidates,
    catch_chances,
    draw_catch_images,
)
from annotator.publishing.catch.raking import Cue, draw_one, split
from tests.end_to_end.leaks import standard_errors

UNITS, IMAGES, TOP, CANDIDATES, COUNT = 150, 400, 30, 60, 3
ROWS = UNITS * COUNT


@pytest.fixture(scope="module")
def pool():
    """Units that differ, but whose top images tend to be strong and whose low ones weak.

    Weak images are small files and seldom among the top ones: drawn evenly, they stand out.
    """
    rng = np.random.default_rng(0)
    strength = rng.normal(size=IMAGES)
    file_sizes = 9000 + 500 * strength + 500 * rng.normal(size=IMAGES)
    scales = rng.normal(size=(UNITS, TOP + CANDIDATES))
    scales[:, TOP:] += 1
    order = np.argsort(strength + 3 * rng.normal(size=(UNITS, IMAGES)), axis=1)
    shown, candidates = order[:, -TOP:], order[:, :CANDIDATES]
    usable = np.ones(candidates.shape, dtype=bool)
    return CatchCandidates(
        shown=np.repeat(shown, COUNT, axis=0),
        candidates=np.repeat(candidates, COUNT, axis=0),
        is_in_part=split(numbers(UNITS, CANDIDATES), usable, COUNT),
        hit_counts=np.bincount(shown.ravel(), minlength=IMAGES).astype(float),
        cues=(
            Cue(file_sizes[shown], file_sizes[candidates]).repeated(COUNT),
            Cue(scales[:, :TOP], scales[:, TOP:]).repeated(COUNT),
        ),
    )


@pytest.fixture(scope="module")
def drawn(pool):
    """Columns drawn with a seed; the chances, which take longest, are computed once."""
    chances = catch_chances(pool)
    assert (draw_one(chances, numbers(ROWS)) == draw_catch_images(pool, numbers(ROWS))).all()
    return lambda seed: draw_one(chances, numbers(ROWS, seed=seed))


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, shape, dtype=np.uint64)


def chosen(pool, columns):
    """(units, catch images): the images in the drawn columns."""
    return pool.candidates[np.arange(ROWS), columns].reshape(UNITS, COUNT)


def leaks(pool, columns):
    """{feature: by how many standard errors its rank within a HIT tells catch images}."""
    images, shown = chosen(pool, columns), pool.shown[::COUNT]
    hit_counts = pool.hit_counts + np.bincount(images.ravel(), minlength=IMAGES)
    is_catch = np.arange(TOP + COUNT) >= TOP
    values_of = {"repetition": hit_counts[np.hstack([shown, images])]}
    for name, cue in zip(("size", "scale"), pool.cues, strict=True):
        own = cue.offered[np.arange(ROWS), columns].reshape(UNITS, COUNT)
        values_of[name] = np.hstack([cue.shown[::COUNT], own])
    errors = {}
    for name, values in values_of.items():
        ranks = values.argsort(axis=1).argsort(axis=1)
        errors[name] = standard_errors(ranks.ravel(), np.tile(is_catch, UNITS))
    return errors


def test_neither_repetition_nor_size_nor_scale_tells_what_is_drawn(pool, drawn):
    weakest = pool.is_in_part.argmax(axis=1)

    errors = leaks(pool, weakest)
    assert max(errors["repetition"], errors["size"]) < -6
    assert errors["scale"] > 6
    for seed in range(3):
        errors = leaks(pool, drawn(seed))
        assert max(map(abs, errors.values())) < 3.3, errors


def test_an_image_is_a_catch_image_as_often_by_proportion_as_a_top_image(pool, drawn):
    """Over many draws, wherever enough units offer it; seldom, if no unit shows it."""
    seeds = range(16)
    images = [chosen(pool, drawn(seed)) for seed in seeds]

    counts = np.bincount(np.ravel(images), minlength=IMAGES) / len(seeds)

    wanted = pool.hit_counts * COUNT / TOP
    offered = np.bincount(pool.candidates[::COUNT].ravel(), minlength=IMAGES)
    is_easy = (offered > 4 * wanted) & (wanted > 0.5)
    assert is_easy.sum() > 100
    assert np.median(np.abs(counts / np.maximum(wanted, 1e-9) - 1)[is_easy]) < 0.2
    assert counts[pool.hit_counts == 0].mean() < 0.5 * counts.mean()


def test_each_row_gets_one_of_its_part_and_the_numbers_decide_which(pool, drawn):
    columns = drawn(0)

    assert pool.is_in_part[np.arange(ROWS), columns].all()
    assert all(len(set(row)) == COUNT for row in chosen(pool, columns).tolist())
    assert (columns == draw_catch_images(pool, numbers(ROWS))).all()
    assert (columns != drawn(1)).any()


def test_a_row_without_candidates_gets_none(pool):
    is_in_part = pool.is_in_part.copy()
    is_in_part[0], is_in_part[1] = False, np.arange(CANDIDATES) == 7
    candidates = pool.candidates.copy()
    candidates[0] = NONE

    few = replace(pool, candidates=candidates, is_in_part=is_in_part)

    columns = draw_catch_images(few, numbers(ROWS))

    assert columns[:2].tolist() == [NONE, 7]
