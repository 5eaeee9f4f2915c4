import pytest

from dissect.images.image_list import ImageList, find_images
from dissect.networks.registry import Network, load_network


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("tests.dissect.custom_networks:small")


@pytest.fixture(scope="module")
def images(noise_folder) -> ImageList:
    return find_images(noise_folder)
