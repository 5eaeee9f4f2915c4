"""Dependent rounding draws each cell with its chance, and no column more often than it must."""

import numpy as np
import pytest

from annotator.publishing.catch.raking import NONE, distinct
from annotator.publishing.catch.rounding import draw_cells

DRAWS = 3000


def tables():
    rng = np.random.default_rng(5)
    for rows, columns in ((1, 4), (2, 2), (3, 3), (3, 16), (5, 7)):
        yield distinct(rng.random((rows, columns)) ** 4, rows)
    yield distinct(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1.0]]), 4)


@pytest.mark.parametrize("chances", list(tables()), ids=lambda chances: f"{chances.shape}")
def test_each_cell_is_drawn_with_its_chance_and_no_column_twice_that_adds_up_to_1(chances):
    counts, sums = np.zeros(chances.shape), chances.sum(axis=0)
    for key in range(DRAWS):
        columns = draw_cells(chances, key)
        assert (np.bincount(columns, minlength=len(sums)) <= np.ceil(sums - 1e-9)).all()
        counts[range(len(chances)), columns] += 1

    errors = np.sqrt(np.maximum(chances * (1 - chances), 1e-4) / DRAWS)
    assert np.abs(counts / DRAWS - chances).max() <= 4 * errors.max()
    assert (counts[chances == 0] == 0).all()


def test_a_column_is_drawn_as_often_as_its_chances_make_necessary():
    chances = np.array([[0, 1, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]])  # 2 in the middle column

    for key in range(50):
        drawn = draw_cells(chances, key).tolist()
        assert drawn[0] == 1
        assert drawn.count(1) == 2


def test_a_row_without_chances_gets_nothing():
    assert draw_cells(np.array([[0, 0], [0, 1.0]]), key=1).tolist() == [NONE, 1]


def test_the_key_fixes_the_draw():
    chances = np.full((3, 9), 1 / 9)

    assert draw_cells(chances, 4).tolist() == draw_cells(chances, 4).tolist()
    assert len({tuple(draw_cells(chances, key)) for key in range(40)}) > 20
