from pathlib import Path

import pytest

from dissect.demo.folder import write_folder
from tests.dissect.demo.conftest import one_thread

__all__ = ["one_thread"]  # the demo networks are used here too


@pytest.fixture(scope="session")
def scenes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DIR with 48 rendered scenes and objects in DIR/images, and their masks."""
    folder = tmp_path_factory.mktemp("scenes") / "scenes"
    write_folder(folder, 48, seed=0)
    return folder


@pytest.fixture(scope="session")
def scenes(scenes_folder) -> Path:
    return scenes_folder / "images"
