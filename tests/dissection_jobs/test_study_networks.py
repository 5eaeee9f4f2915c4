"""Which networks of its study a run controls, repeats or adds."""

from types import SimpleNamespace

import pytest

from annotator.dissection_jobs.study_networks import (
    controlled_network,
    existing_network,
    unused_name,
)
from annotator.dissection_reader.study_binding import StudyMismatch
from annotator.job_requests import RunRequest
from annotator.models import Network, Study
from dissect.format.axis_options import AxisOptions

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return Study.objects.create(name="rooms")


def job(condition="trained", weights="w" * 64, directions=None, **options):
    """A run of the network `net`, as far as it is compared with its study."""
    request = RunRequest(**{"network": "net", "layers": ["deep"], "images": "/p"} | options)
    network = SimpleNamespace(
        spec="net", weights_sha256=weights, weights="w.pth", condition=condition,
        directions=directions, origin={"source": "probes.safetensors"}, axes=request.axes,
    )  # fmt: skip
    return SimpleNamespace(request=request, layers=request.layers, network=network)


@pytest.fixture
def trained(study):
    network = Network.objects.create(
        study=study, name="net", spec="net", position=0, weights_sha256="w" * 64
    )
    network.layers.create(name="deep", position=0, unit_count=8, map_height=4, map_width=4)
    return network


def test_a_network_with_the_same_weights_is_there_already(study, trained):
    assert existing_network(study, job()) == trained
    assert existing_network(study, job(weights="v" * 64)) is None
    assert existing_network(study, job("untrained")) is None


def test_a_network_whose_axes_are_read_otherwise_is_another(study, trained):
    other = job(axes=AxisOptions(grid=(8, 4)))

    assert existing_network(study, other) is None
    assert unused_name(study, other) == "net, --grid 8x4"


def test_more_layers_of_a_network_that_is_there_are_refused(study, trained):
    with pytest.raises(StudyMismatch, match="already has net with layers deep; stem would change"):
        existing_network(study, job(layers=["deep", "stem"]))


def test_random_images_are_the_same_with_the_same_count_and_seed(study, trained):
    origin = {"count": 30, "seed": 1}
    control = Network.objects.create(
        study=study, name="chance", spec="net", position=1, weights_sha256="w" * 64,
        condition="random images", manifest={"network": {"origin": origin}},
    )  # fmt: skip
    control.layers.create(name="deep", position=0, unit_count=30, map_height=4, map_width=4)

    assert existing_network(study, job(random_images=30, seed=1)) == control
    assert existing_network(study, job(random_images=30, seed=2)) is None


def test_a_control_needs_its_network_and_layers(study, trained):
    assert controlled_network(study, job()) is None
    assert controlled_network(study, job(random_images=30)) == trained
    with pytest.raises(StudyMismatch, match="which has layers deep in study 'rooms', not stem"):
        controlled_network(study, job(random_images=30, layers=["stem"]))
    with pytest.raises(StudyMismatch, match="dissect it first, without --random-directions"):
        controlled_network(study, job(random_directions=50, weights="v" * 64))


def test_a_name_that_is_used_gets_the_seed_and_then_the_digest(study, trained):
    assert unused_name(study, job(weights="v" * 64)) == "net (w.pth vvvvvvvv)"
    assert unused_name(study, job("untrained")) == "net, untrained"
    assert unused_name(study, job("directions")) == "net, directions of probes.safetensors"
    Network.objects.create(study=study, name="net, untrained", spec="net", position=1)
    assert unused_name(study, job("untrained", seed=3)) == "net, untrained, seed 3"
