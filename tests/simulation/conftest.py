import pytest


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    # Imported here, since Django is not set up yet when this module is imported.
    from tests.simulation.worlds import World

    return World(tmp_path_factory.mktemp("world"))
