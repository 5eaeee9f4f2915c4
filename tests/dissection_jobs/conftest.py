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


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder of 160 pictures, five blocks."""
    return write_noise(tmp_path_factory.mktemp("many"), count=160)


@pytest.fixture
def shard(installation, many):
    """The only shard of a run over 160 pictures."""
    from tests.dissection_jobs.runs import cut  # its models need the settings

    return cut(many, shards=1).shards.select_related("run__study").get()


@pytest.fixture(autouse=True)
def _nobody_is_asked_to_stop():
    from annotator.interruptions import stopping

    yield
    stopping.withdraw()


@pytest.fixture
def every_block(monkeypatch):
    """A checkpoint after every block."""
    checkpoints = "annotator.dissection_jobs.shards"
    monkeypatch.setattr(f"{checkpoints}.MIN_SECONDS", 0.0)
    monkeypatch.setattr(f"{checkpoints}.MIN_SECONDS_PER_SECOND", 0.0)
