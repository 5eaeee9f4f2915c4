"""The example tiles of the annotators' instructions are what the renderer draws."""

import numpy as np
import pytest
from PIL import Image

from docs.draw_examples import EXAMPLES, FOLDER, TILE_PX, draw_example


def test_every_example_is_shipped_and_nothing_else():
    assert {path.stem for path in FOLDER.iterdir()} == set(EXAMPLES)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 150_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_shipped_tile_is_what_is_drawn_today(name):
    with Image.open(FOLDER / f"{name}.jpg") as file:
        shipped = np.asarray(file.convert("RGB"), dtype=float)
    drawn = np.asarray(draw_example(EXAMPLES[name]), dtype=float)

    assert drawn.shape == (TILE_PX, TILE_PX, 3)
    assert np.abs(shipped - drawn).mean() < 4  # of 255; JPEG loses a little
