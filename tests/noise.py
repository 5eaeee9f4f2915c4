"""Pictures of coarse noise, for tests that need any pictures."""

import numpy as np
from PIL import Image


def write_noise(folder, count=40, seed=1):
    """Write pictures of 60 x 60 px as 00.png, 01.png, ...; returns the folder."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        coarse = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((60, 60)).save(folder / f"{number:02d}.png")
    return folder
