"""What a run needs, loaded from its row."""

import json

import pytest

from annotator.dissection_jobs.loaded_jobs import job_of, settings_of
from annotator.job_requests import BadRequest, FieldOptions, RunRequest
from annotator.models import Run, Study
from dissect.errors import DissectError
from tests.dissection_jobs.runs import SMALL, request


def test_the_settings_are_what_is_the_same_for_every_network():
    field = FieldOptions(units=3, top_images=4, occluder=5, stride=6)
    wanted = RunRequest(
        network="n", layers=["a"], images="/p", top=9, by="sum", segment="receptive-field",
        field=field, device="cpu", shards=4,
    )  # fmt: skip

    assert settings_of(wanted).options() == {
        "top": 9, "segment": "field", "by": "sum", "field-units": 3, "field-images": 4,
        "occluder": 5, "stride": 6,
    }  # fmt: skip


def test_diameters_that_a_budget_decides_need_no_options():
    measured, fixed = (
        settings_of(RunRequest(network="n", layers=["a"], images="/p", field=field))
        for field in (None, FieldOptions(size="fixed"))
    )

    assert measured.options() == {"top": 60, "segment": "field"}
    assert fixed.options() == {"top": 60, "segment": "field", "field-size": "fixed"}


@pytest.fixture
def study(installation):
    return Study.objects.create(name="rooms")


def test_a_row_of_an_earlier_version_is_loaded(study, noise):
    old = f"""{{"network": "{SMALL}", "weights": null, "layers": ["deep", "deep"],
        "images": "{noise}", "top": 8, "segment": "upsample", "shards": null, "device": "cpu"}}"""
    run = Run.objects.create(study=study, request=json.loads(old))

    job = job_of(run)

    assert (job.layers, len(job.images), job.settings.top) == (("deep",), 40, 8)
    assert job.prefix == f"dissections/rooms/{run.pk}"


def test_layers_are_dissected_in_the_order_in_which_they_run(study, noise):
    layers = request(noise, layers=["deep", "relu", "stem"])
    run = Run.objects.create(study=study, request=layers.model_dump(mode="json"))

    assert job_of(run).layers == ("stem", "relu", "deep")


def test_shards_of_a_run_share_one_loaded_network(study, noise):
    run = Run.objects.create(study=study, request=request(noise).model_dump(mode="json"))

    assert job_of(run) is job_of(Run.objects.get())


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"top": 41}, DissectError, "40 images, fewer than the 41"),
        ({"layers": ["deeep"]}, DissectError, "Did you mean deep"),
        ({"network": "torchvision:alexnett"}, DissectError, "Did you mean alexnet"),
        ({"device": "tpu"}, DissectError, "tpu"),
        ({"colour": "red"}, BadRequest, "--colour is unknown."),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_image_is_forwarded(
    study, noise, options, error, sentence
):
    run = Run.objects.create(study=study, request=request(noise).model_dump(mode="json") | options)

    with pytest.raises(error, match=sentence):
        job_of(run)
