"""Requests of jobs: validated where they are made, and the same when a worker reads the row."""

import json
from dataclasses import asdict

import pytest

from annotator.job_requests import (
    ANALYSES,
    BadRequest,
    FieldOptions,
    NumericsOptions,
    RunRequest,
    analysis_request,
)

# What earlier versions stored in `Run.asked`.
OLD_ROW = """{"network": "torchvision:alexnet", "weights": null, "layers": ["conv1", "conv1"],
    "images": "/data/places", "top": 60, "segment": "upsample", "shards": null, "device": "auto"}"""
OLD_ROW_OF_A_CONTROL = """{"network": "torchvision:alexnet", "weights": "untrained",
    "layers": ["conv1"], "images": "/data/places", "top": 20, "segment": "receptive-field",
    "shards": 2, "device": "cuda:1", "seed": 3, "by": "sum", "numerics": {"tf32": true},
    "field": {"units": 16, "top_images": 25, "occluder": 11, "stride": 3}}"""
GIVEN = {"network": "n", "layers": ["a", "b"], "images": "/pictures"}


def options(**given):
    """A parsed command line of `manage.py dissect`, with its defaults."""
    return {
        **GIVEN, "weights": None, "top": 60, "by": "max", "segment": "upsample", "shards": None,
        "device": "auto", "field_units": None, "field_images": None, "occluder": None,
        "stride": None, "directions": None, "random_directions": None, "random_images": None,
        "untrained": False, "seed": 0, "autocast": False, "tf32": False, "channels_last": False,
        "verbosity": 1,
    } | given  # fmt: skip


REQUESTS = [
    {},
    {"top": 9, "by": "sum", "shards": 3, "device": "cuda:1", "tf32": True},
    {"segment": "receptive-field", "field_units": 3, "occluder": 5},
    {"random_directions": 60, "seed": 4},
    {"directions": "/probes.safetensors"},
    {"untrained": True, "seed": 2},
]


@pytest.mark.parametrize("given", REQUESTS, ids=str)
def test_a_worker_reads_the_request_that_was_made(given):
    request = RunRequest.from_options(options(**given))
    stored = json.dumps(request.model_dump(mode="json"))

    assert RunRequest.of(json.loads(stored)) == request


def test_an_old_row_is_the_request_that_a_command_makes_today():
    request = RunRequest.from_options(
        options(network="torchvision:alexnet", layers=["conv1"], images="/data/places")
    )

    assert RunRequest.of(json.loads(OLD_ROW)) == request


def test_an_old_row_of_a_control_keeps_every_option():
    request = RunRequest.of(json.loads(OLD_ROW_OF_A_CONTROL))

    assert (request.weights, request.seed, request.by) == ("untrained", 3, "sum")
    assert request.field == FieldOptions()
    assert request.numerics == NumericsOptions(tf32=True)


def test_a_layer_is_dissected_once_however_often_it_is_named():
    assert RunRequest(**GIVEN | {"layers": ["b", "a", "b"]}).layers == ("b", "a")


def test_a_seed_counts_where_something_is_random():
    assert RunRequest.from_options(options(seed=5)).seed == 0
    assert RunRequest.from_options(options(seed=5, random_images=30)).seed == 5


def test_only_controls_have_a_control_option():
    plain, control = RunRequest(**GIVEN), RunRequest(**GIVEN, random_images=30)

    assert (plain.control_option, control.control_option) == ("", "--random-images")
    assert not control.has_directions
    assert RunRequest(**GIVEN, random_directions=50).has_directions


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"top": 0}, "--top must be at least 1, got 0."),
        ({"shards": -1}, "--shards must be at least 1, got -1."),
        ({"by": "mean"}, "--by must be 'max' or 'sum', got 'mean'."),
        ({"layers": []}, "--layers must have at least 1 values, got []."),
        ({"random_images": 0}, "--random-images must be at least 1, got 0; 30 or more make a"),
        ({"occluder": 3}, "--occluder goes with --segment receptive-field alone."),
        ({"field_images": 3}, "--field-images goes with --segment receptive-field alone."),
        ({"untrained": True, "weights": "w.pth"}, "take it, or --weights."),
        ({"segment": "receptive-field", "field_units": "all"}, "--field-units must be a whole"),
    ],
)
def test_a_wrong_option_is_one_sentence(given, sentence):
    with pytest.raises(BadRequest) as error:
        RunRequest.from_options(options(**given))

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_fields_are_measured_as_the_library_measures_them_by_default():
    from dissect.receptive_fields.measure import FieldSettings

    assert FieldOptions().model_dump() == asdict(FieldSettings())


# What earlier versions stored in `Analysis.asked`, in this order of keys.
OLD_QUESTIONS = {
    "layers": {},
    "filters": {"layers": ["see.0"], "units": [0, 1], "normalise": "layer"},
    "activations": {"layers": ["see"], "units": [1], "normalise": "unit", "image": "01.png"},
    "occlusion": {"class": "dog", "occluder": 16, "stride": 8, "fill": "blur", "images": ["a"]},
    "minimal-image": {"class": "3", "segments": "masks:object", "count": 9, "fill": "zero",
                      "draws": 3, "images": ["00.png", "01.png"]},
    "receptive-field": {"layers": ["see"], "units": [0], "top-images": 2, "occluder": 11,
                        "stride": 8, "theoretical-only": True},
    "compare": {"other": 7, "layers": ["see=look"], "top": 3, "overlap": 50},
    "concepts": {"layers": ["see"], "best": 3},
    "alike": {"layers": ["see"], "units": [1, 2], "top": 60},
    "scenes": {"level": "object", "images": ["a"], "named": {"layers": {"see": {}}}},
}  # fmt: skip


@pytest.mark.parametrize("kind", ANALYSES)
def test_a_question_is_stored_as_it_always_was(kind):
    stored = analysis_request(kind, OLD_QUESTIONS[kind]).options()

    assert json.dumps(stored) == json.dumps(OLD_QUESTIONS[kind])


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("nonsense", {}, "There is no analysis 'nonsense'; there are layers, filters,"),
        ("occlusion", {"occluder": "wide", "images": ["a"]},
         "--occluder must be a whole number, got 'wide'."),
        ("occlusion", {}, "--images is missing."),
        ("occlusion", {"images": ["a"], "fill": "red"}, "--fill must be 'zero', 'mean',"),
        ("filters", {"layers": ["--out=/etc"]}, "--layers takes no value that starts with a dash"),
        ("filters", {"colour": "red"}, "--colour is unknown."),
        ("alike", {"layers": ["see"], "units": [-1]}, "--units must be at least 0, got -1."),
    ],
)  # fmt: skip
def test_a_wrong_question_is_one_sentence(kind, given, sentence):
    with pytest.raises(BadRequest) as error:
        analysis_request(kind, given)

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
