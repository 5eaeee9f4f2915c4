import pytest


@pytest.fixture(autouse=True)
def _empty_storage(tmp_path, settings):
    """Every test has a storage of its own, so that one test's files are not in another's."""
    options = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": options}
