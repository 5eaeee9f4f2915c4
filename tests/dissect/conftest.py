from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def noise_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70 small pictures of smooth noise in two folders, 71 x 53 px."""
    folder = tmp_path_factory.mktemp("noise")
    rng = np.random.default_rng(0)
    for number in range(70):
        coarse = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
        place = folder / ("a" if number % 2 else "b") / f"{number:02d}.png"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray(coarse).resize((71, 53), Image.Resampling.BICUBIC).save(place)
    return folder
