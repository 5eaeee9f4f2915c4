"""Catch images are drawn with a key; over a layer, repetition and size do not tell them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata

from annotator.publishing.catch.draw import (
    CatchCandidates,
    catch_chances,
    draw_catch_images,
    draw_columns,
)
from annotator.publishing.catch.raking import NONE, Cue, proportional
from tests.end_to_end.leaks import standard_errors

UNITS, IMAGES, TOP, CANDIDATES, COUNT = 150, 400, 30, 60, 3


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
    return CatchCandidates(
        shown=shown,
        candidates=candidates,
        hit_counts=np.bincount(shown.ravel(), minlength=IMAGES).astype(float),
        cues=(
            Cue(file_sizes[shown], file_sizes[candidates]),
            Cue(scales[:, :TOP], scales[:, TOP:]),
        ),
        count=COUNT,
    )


@pytest.fixture(scope="module")
def drawn(pool):
    """Columns drawn with a seed; the chances, which take longest, are computed once."""
    chances, order = catch_chances(pool), numbers(UNITS, CANDIDATES)
    return lambda seed: draw_columns(chances, order, numbers(UNITS, seed=seed), COUNT)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, shape, dtype=np.uint64)


def chosen(pool, columns):
    """(units, catch images): the images in the drawn columns."""
    return np.take_along_axis(pool.candidates, columns, axis=1)


def leaks(pool, columns):
    """{feature: by how many standard errors its rank within a HIT tells catch images}."""
    images, shown = chosen(pool, columns), pool.shown
    hit_counts = pool.hit_counts + np.bincount(images.ravel(), minlength=IMAGES)
    is_catch = np.arange(TOP + COUNT) >= TOP
    values_of = {"repetition": hit_counts[np.hstack([shown, images])]}
    for name, cue in zip(("size", "scale"), pool.cues, strict=True):
        own = np.take_along_axis(cue.offered, columns, axis=1)
        values_of[name] = np.hstack([cue.shown, own])
    errors = {}
    for name, values in values_of.items():
        ranks = values.argsort(axis=1).argsort(axis=1)
        errors[name] = standard_errors(ranks.ravel(), np.tile(is_catch, UNITS))
    return errors


def test_neither_repetition_nor_size_nor_scale_tells_what_is_drawn(pool, drawn):
    weakest = np.tile(np.arange(COUNT), (UNITS, 1))

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
    offered = np.bincount(pool.candidates.ravel(), minlength=IMAGES)
    is_easy = (offered > 4 * wanted) & (wanted > 0.5)
    assert is_easy.sum() > 100
    assert np.median(np.abs(counts / np.maximum(wanted, 1e-9) - 1)[is_easy]) < 0.2
    assert counts[pool.hit_counts == 0].mean() < 0.5 * counts.mean()


def test_how_often_an_image_comes_has_the_same_spread_for_catch_images_as_for_top_images(
    pool, drawn
):
    """So neither the images of most HITs nor those of few HITs are safe from being drawn."""
    squares = []
    for seed in range(8):
        images = chosen(pool, drawn(seed))
        counts = pool.hit_counts + np.bincount(images.ravel(), minlength=IMAGES)
        values = counts[np.hstack([pool.shown, images])]
        places = rankdata(values, axis=1) / values.shape[1] - 0.5
        squares.append([(places[:, TOP:] ** 2).mean(), (places[:, :TOP] ** 2).mean()])

    catch, top = np.mean(squares, axis=0)

    assert catch == pytest.approx(top, rel=0.05)


def test_each_unit_gets_different_images_and_the_numbers_decide_which(pool):
    order, points = numbers(UNITS, CANDIDATES), numbers(UNITS)

    columns = draw_catch_images(pool, order, points)

    assert columns.shape == (UNITS, COUNT)
    assert all(len(set(row)) == COUNT for row in columns.tolist())
    assert (columns == draw_catch_images(pool, order, points)).all()
    assert (columns != draw_catch_images(pool, order, numbers(UNITS, seed=1))).any()
    assert (columns != draw_catch_images(pool, numbers(UNITS, CANDIDATES, seed=1), points)).any()


def test_a_unit_with_too_few_candidates_gets_those_it_has(pool):
    candidates = pool.candidates.copy()
    candidates[0] = NONE
    candidates[1, np.arange(CANDIDATES) != 7] = NONE

    few = replace(pool, candidates=candidates)

    columns = draw_catch_images(few, numbers(UNITS, CANDIDATES), numbers(UNITS))

    assert columns[0].tolist() == [NONE] * COUNT
    assert columns[1].tolist() == [7, NONE, NONE]
    assert (columns[2:] != NONE).all()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_drawn_comes_as_often_as_its_chance_and_never_twice(count):
    chances = proportional(np.array([[0, 0.2, 0, 0.5, 0.3, 0, 0.1]]), count)
    points = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)

    order = np.random.default_rng(1).integers(0, 2**64, (len(points), 7), dtype=np.uint64)

    columns = draw_columns(np.repeat(chances, len(points), axis=0), order, points, count)

    shares = np.bincount(columns.ravel(), minlength=7) / len(points)
    assert shares == pytest.approx(chances[0], abs=0.012)
    assert (np.diff(np.sort(columns, axis=1), axis=1) > 0).all()


def test_the_ends_of_the_random_numbers_draw_what_can_be_drawn():
    chances, points = np.array([[0, 0.2, 0.8, 0]] * 2), np.array([0, 2**64 - 1], dtype=np.uint64)
    order = np.arange(4, dtype=np.uint64)[None, :]

    assert draw_columns(chances, order.repeat(2, 0), points, 1).tolist() == [[1], [2]]
    assert draw_columns(np.array([[0, 1.0]]), order[:, :2], points[:1], 2).tolist() == [[1, NONE]]
    assert draw_columns(np.zeros((1, 0)), order[:, :0], points[:1], 2).tolist() == [[NONE, NONE]]
