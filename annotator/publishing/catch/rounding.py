"""Dependent rounding: draws one cell in each row of a table, with the given chances.

Gandhi, Khuller, Parthasarathy and Srinivasan 2006, doi:10.1145/1147954.1147956.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.publishing.catch.raking import NONE, Floats, Numbers

CERTAIN = 1e-9  # a chance so near to 0 or 1 is drawn no more
Cells = list[tuple[int, int]]


def draw_cells(chances: Floats, key: int) -> Numbers:
    """Draw a column for each row, and a column twice only if its chances add up to more than 1.

    Chances are shifted along a cycle of cells, or a path between two columns, by one of two amounts
    whose mean is 0, so that a cell becomes 0 or 1, until all are.

    Args:
        chances: (rows, columns); a row adds up to 1, or to 0: then nothing is drawn for it.
        key: fixes the draw.

    Returns:
        (rows,) columns, NONE for nothing.
    """
    table, random = chances.copy(), np.random.Philox(key=key)
    while (is_open := (table > CERTAIN) & (table < 1 - CERTAIN)).any():
        cells = tuple(np.transpose(_cycle_or_path(is_open)))
        values, is_raised = table[cells], np.arange(len(cells[0])) % 2 == 0
        room = np.where(is_raised, 1 - values, values).min()
        room_back = np.where(is_raised, values, 1 - values).min()
        goes_back = random.random_raw() / 2**64 * (room + room_back) < room
        shift = -room_back if goes_back else room
        table[cells] = values + np.where(is_raised, shift, -shift)
    is_drawn = table > 0.5
    return np.where(is_drawn.any(axis=1), is_drawn.argmax(axis=1), NONE)


def _cycle_or_path(is_open: NDArray[np.bool_]) -> Cells:
    """Open cells, each with one neighbor in its row and the other one in its column.

    They are a cycle; or a path between two columns which have no other open cell, if there is one.

    Args:
        is_open: (rows, columns) which chances are neither 0 nor 1: of a row none, or two at least.
    """
    is_left, cells = is_open.copy(), Cells()
    of_column, of_row = {}, {}  # how many cells came before the walk left it
    counts = is_open.sum(axis=0)
    column = int(np.argmin(np.where(counts > 0, counts, len(is_open) + 1)))
    while column not in of_column:
        of_column[column] = len(cells)
        if not is_left[:, column].any():
            return cells
        row = int(is_left[:, column].argmax())
        cells.append((row, column))
        if row in of_row:
            return cells[of_row[row] :]
        of_row[row] = len(cells)
        is_left[row, column] = False
        if not is_left[row].any():  # what is missing to 1 is too small to be open
            return cells
        column = int(is_left[row].argmax())
        cells.append((row, column))
        is_left[row, column] = False
    return cells[of_column[column] :]
