"""Studies for jobs: one whose network has known answers, and forty pictures in a folder."""

import pytest

from tests.folder_storage import use_folder
from tests.noise import write_noise
from tests.planted_study import network, pictures, planted

__all__ = ["network", "pictures", "planted"]


@pytest.fixture
def installation(db, settings, tmp_path):
    """An installation of its own: the storage is a folder."""
    use_folder(settings, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def noise(tmp_path_factory):
    """A folder of 40 pictures of coarse noise."""
    return write_noise(tmp_path_factory.mktemp("noise"))
