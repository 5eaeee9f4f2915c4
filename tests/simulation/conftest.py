import pytest


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    from tests.simulation.worlds import World  # needs Django, which is not set up yet up there

    return World(tmp_path_factory.mktemp("world"))
