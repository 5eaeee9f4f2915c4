"""How often a picture comes counts what is shown, and what is drawn by its chance."""

import numpy as np
import pytest

from annotator.publishing.catch.raking import NONE
from annotator.publishing.catch.repetition import Repetition

PICTURES = 7


def test_a_picture_comes_as_often_as_it_is_shown_and_drawn_by_definition():
    rng = np.random.default_rng(3)
    shown = rng.integers(0, PICTURES, (5, 4))
    offered = rng.integers(0, PICTURES, (5, 4))
    offered[0, :2] = 3  # one draw can be only one of them
    offered[2, 1] = shown[0, 3] = NONE
    counts = rng.integers(1, 9, PICTURES).astype(float)
    chances = rng.random(offered.shape) * (offered != NONE)

    cue = Repetition(shown, offered, counts).cue(chances)

    def expected(picture, without_row=None):
        cells = [at for at in np.ndindex(offered.shape) if at[0] != without_row]
        return counts[picture] + sum(chances[at] for at in cells if offered[at] == picture)

    for at in np.ndindex(shown.shape):
        is_none = shown[at] == NONE
        assert np.isnan(cue.shown[at]) if is_none else cue.shown[at] == round(expected(shown[at]))
    for at in np.ndindex(offered.shape):
        with_it = np.nan if offered[at] == NONE else round(expected(offered[at], at[0]) + 1)
        assert cue.offered[at] == pytest.approx(with_it, nan_ok=True)
