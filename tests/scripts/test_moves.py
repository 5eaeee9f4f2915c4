"""Where a step leads: in the grid, among enlarged pictures, views and sizes."""

import pytest

MODULE = "hit/moves.js"

# The grid of these tests: 14 pictures in rows of four.
#   0  1  2  3
#   4  5  6  7
#   8  9 10 11
#  12 13
COLUMNS, COUNT = 4, 14


@pytest.mark.parametrize(
    ("key", "at", "to"),
    [
        ("ArrowLeft", 5, 4), ("ArrowLeft", 4, 3), ("ArrowLeft", 0, 0),
        ("ArrowRight", 5, 6), ("ArrowRight", 3, 4), ("ArrowRight", 13, 13),
        ("ArrowUp", 5, 1), ("ArrowUp", 1, 1), ("ArrowUp", 13, 9),
        ("ArrowDown", 5, 9), ("ArrowDown", 9, 13), ("ArrowDown", 10, 10), ("ArrowDown", 13, 13),
        ("Home", 9, 0), ("End", 0, 13),
        ("PageUp", 13, 1), ("PageUp", 9, 1), ("PageUp", 2, 2), ("PageUp", 5, 1),
        ("PageDown", 0, 12), ("PageDown", 2, 13), ("PageDown", 13, 13),
        ("x", 5, None), ("Tab", 5, None), ("Enter", 5, None),
    ],
)  # fmt: skip
def test_keys_move_within_the_grid(call, key, at, to):
    assert call(MODULE, "gridMove", key, at, COLUMNS, COUNT) == to


@pytest.mark.parametrize(
    ("number", "step", "hidden", "shown"),
    [
        (1, 1, [], 1),
        (4, 1, [], 0),  # around the end
        (-1, -1, [], 3),
        (1, 1, [1, 2], 3),
        (3, 1, [3, 0], 1),
        (1, -1, [1, 0], 3),
        (2, 1, [0, 1, 2, 3], None),
    ],
)
def test_hidden_pictures_are_skipped_in_the_direction_of_the_step(
    call, number, step, hidden, shown
):
    is_hidden = [picture in hidden for picture in range(4)]

    assert call(MODULE, "nextShown", number, step, is_hidden) == shown


@pytest.mark.parametrize(
    ("views", "current", "after"),
    [(["a", "b", "c"], "a", "b"), (["a", "b", "c"], "c", "a"), (["a"], "a", "a"),
     (["a", "b"], "none", "a"), ([], "a", None)],
)  # fmt: skip
def test_views_come_one_after_another(call, views, current, after):
    assert call(MODULE, "following", views, current) == after


@pytest.mark.parametrize(("size", "within"), [(0, 1), (1, 1), (3, 3), (4, 3), (-5, 1), (2, 2)])
def test_sizes_have_ends(call, size, within):
    assert call(MODULE, "withinSizes", size) == within


def test_what_is_no_size_is_the_smallest(call):
    assert call.script(MODULE, "return module.withinSizes(NaN);") == 1
