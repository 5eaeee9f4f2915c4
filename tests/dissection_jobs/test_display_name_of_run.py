"""`dissect --display-name` names a network for readers, and refuses before it dissects."""

import pytest

from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import BadRequest, RunRequest
from tests.planted_study import pictures, planted  # noqa: F401 - fixtures


def request(pictures, **options):  # noqa: F811
    return RunRequest(
        network="tests.dissect.planted:detectors", layers=["see"], top=4, device="cpu",
        images=str(pictures / "images"), **options,
    )  # fmt: skip


def test_a_network_gets_the_name_that_its_run_asks_for(planted, pictures):  # noqa: F811
    network = planted.networks.get()
    assert (network.display_name, network.slug) == ("detectors", "detectors")

    enqueue_run("planted", request(pictures, display_name="  three  colors "))
    while do_next_job(planted.runs.latest("pk")):
        pass

    network.refresh_from_db()
    assert (network.display_name, network.slug) == ("three colors", "detectors")
    assert planted.networks.count() == 1  # it is the same network, dissected already


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("three colors", "another network of study rooms is already called 'three colors'"),
        ("x" * 41, "--display-name: .* has 41 letters: a display name has 40 at most"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_before_anything_is_dissected(tmp_path, name, message):
    from annotator.models import Run, Study

    study = Study.objects.create(name="rooms")
    study.networks.create(name="other", spec="other", position=0, display_name="three colors")

    with pytest.raises(BadRequest, match=message):
        enqueue_run("rooms", request(tmp_path, display_name=name))

    assert not Run.objects.exists()
