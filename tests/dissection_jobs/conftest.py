"""Studies for jobs: one whose network has known answers, and forty pictures in a folder."""

import numpy as np
import pytest
from PIL import Image

from tests.planted_study import network, pictures, planted

__all__ = ["network", "pictures", "planted"]


@pytest.fixture
def installation(db, settings, tmp_path):
    """An installation of its own: the storage is a folder."""
    storage = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    settings.DISSECTIONS_URL = str(tmp_path / "dissections")
    return tmp_path


@pytest.fixture(scope="session")
def noise(tmp_path_factory):
    """A folder of 40 pictures of coarse noise."""
    folder = tmp_path_factory.mktemp("noise")
    rng = np.random.default_rng(1)
    for number in range(40):
        coarse = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((60, 60)).save(folder / f"{number:02d}.png")
    return folder
