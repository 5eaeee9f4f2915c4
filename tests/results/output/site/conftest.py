import pytest

from tests.folder_storage import use_folder


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    use_folder(settings, tmp_path)
