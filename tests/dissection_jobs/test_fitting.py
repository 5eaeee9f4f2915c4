"""A dissection fits its study: the same images and settings, and a network that it lacks."""

from types import SimpleNamespace

import pytest

from annotator.dissection_jobs.fitting import (
    StudyMismatch,
    bind_study,
    check_binding,
    controlled_network,
    existing_network,
    unused_name,
)
from annotator.job_requests import RunRequest
from annotator.models import Network, Study
from dissect.format.manifest import ImageFacts

pytestmark = pytest.mark.django_db
IMAGES = ImageFacts(source="s3://photos", count=40, sha256="a" * 64, skipped=[])
OTHERS = ImageFacts(source="/elsewhere", count=7, sha256="b" * 64, skipped=[])
SETTINGS = {"top": 8, "segment": "upsample"}


@pytest.fixture
def study():
    return Study.objects.create(name="rooms")


def test_the_first_dissection_binds_the_study(study):
    bind_study(study, IMAGES, SETTINGS)

    bound = Study.objects.get()
    assert (bound.image_source, bound.image_count) == ("s3://photos", 40)
    assert (bound.image_list_sha256, bound.top_count) == ("a" * 64, 8)
    assert bound.dissect_settings == SETTINGS == study.dissect_settings


def test_later_dissections_are_held_against_the_first(study):
    bind_study(study, IMAGES, SETTINGS)

    bind_study(study, IMAGES, SETTINGS)
    with pytest.raises(StudyMismatch, match="over 40 images from s3://photos; /elsewhere has 7"):
        bind_study(study, OTHERS, SETTINGS)
    with pytest.raises(StudyMismatch, match="has the settings --top 8 --segment upsample, not"):
        bind_study(study, IMAGES, SETTINGS | {"by": "sum"})


def test_of_two_first_dissections_one_binds_the_study(study):
    late = Study.objects.get()
    bind_study(study, IMAGES, SETTINGS)

    with pytest.raises(StudyMismatch, match="is another list"):
        bind_study(late, OTHERS, SETTINGS)


def test_of_imported_units_the_number_of_top_images_alone_must_agree(study):
    bind_study(study, IMAGES, SETTINGS)

    bind_study(study, IMAGES, {"top": 8, "segment": "imported"}, compared={"top"})
    with pytest.raises(StudyMismatch, match="has the settings --top 8, not --top 9"):
        bind_study(study, IMAGES, {"top": 9, "segment": "imported"}, compared={"top"})


def test_checking_binds_nothing(study):
    check_binding(study, IMAGES, SETTINGS)

    assert Study.objects.get().image_list_sha256 == ""


def test_a_path_of_this_machine_is_bound_as_every_process_finds_it(study, tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path)

    bind_study(study, IMAGES.replaced(source="photos"), SETTINGS)

    assert Study.objects.get().image_source == str(tmp_path / "photos")


def job(condition="trained", weights="w" * 64, directions=None, **options):
    """A run of the network `net`, as far as fitting looks at it."""
    request = RunRequest(**{"network": "net", "layers": ["deep"], "images": "/p"} | options)
    network = SimpleNamespace(
        spec="net", weights_sha256=weights, weights="w.pth", condition=condition,
        directions=directions, origin={"source": "probes.safetensors"},
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
