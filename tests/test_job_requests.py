"""Requests of jobs: validated where they are made, and the same when a worker reads the row."""

import json
from dataclasses import asdict

import pytest

from annotator.job_requests import (
    BadRequest,
    FieldOptions,
    ImportRequest,
    NumericsOptions,
    RunRequest,
)

# What earlier versions stored in `Run.request`.
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
        **GIVEN, "weights": None, "top": 60, "by": "max", "segment": "field", "shards": None,
        "device": "auto", "field_size": None, "field_units": None, "field_images": None,
        "occluder": None, "stride": None, "directions": None, "sample": None,
        "random_directions": None, "random_images": None, "untrained": False, "seed": 0,
        "autocast": False, "tf32": False, "channels_last": False, "scaled_jpeg": False,
        "grid": None, "tokens_before": None, "channels_axis": None, "verbosity": 1,
    } | given  # fmt: skip


REQUESTS = [
    {},
    {"top": 9, "by": "sum", "shards": 3, "device": "cuda:1", "tf32": True},
    {"segment": "quantile"},
    {"segment": "receptive-field", "field_units": 3, "occluder": 5},
    {"field_size": "fixed"},
    {"random_directions": 60, "seed": 4},
    {"directions": "/probes.safetensors"},
    {"directions": "/sae", "sample": 100, "seed": 7},
    {"untrained": True, "seed": 2},
    {"grid": "8x4", "tokens_before": 5, "channels_axis": "last"},
]


@pytest.mark.parametrize("given", REQUESTS, ids=str)
def test_a_worker_reads_the_request_that_was_made(given):
    request = RunRequest.from_options(options(**given))
    stored = json.dumps(request.model_dump(mode="json"))

    assert RunRequest.of(json.loads(stored)) == request


def test_an_old_row_is_the_request_that_a_command_makes_today():
    request = RunRequest.from_options(
        options(
            network="torchvision:alexnet",
            layers=["conv1"],
            images="/data/places",
            segment="quantile",
        )  # fmt: skip
    )

    assert RunRequest.of(json.loads(OLD_ROW)) == request


def test_an_old_row_of_a_control_keeps_every_option():
    request = RunRequest.of(json.loads(OLD_ROW_OF_A_CONTROL))

    assert (request.weights, request.seed, request.by) == ("untrained", 3, "sum")
    assert (request.segment, request.field) == ("field", FieldOptions(units=16))
    assert request.numerics == NumericsOptions(tf32=True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"grid": "8 by 4"}, "rows x columns such as 8x4, not '8 by 4'"),
        ({"tokens_before": 5}, "--tokens-before goes with --grid HxW"),
    ],
)
def test_axes_that_make_no_sense_are_refused_where_the_request_is_made(given, says):
    with pytest.raises(BadRequest, match=says):
        RunRequest.from_options(options(**given))


@pytest.mark.parametrize("name", ["images", "weights", "directions"])
def test_a_path_that_no_database_can_keep_is_refused_with_the_way_out(name):
    with pytest.raises(BadRequest, match=rf"--{name} /caf\\xe9 is no UTF-8 text.*link to it"):
        RunRequest.of(GIVEN | {name: "/caf\udce9"})


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
        ({"layers": []}, "--layers needs at least 1, got []."),
        ({"random_images": 0}, "--random-images must be at least 1, got 0; 30 or more make a"),
        (
            {"segment": "quantile", "field_units": 3},
            "--field-units goes with --segment field alone.",
        ),
        ({"segment": "upsample", "occluder": 3}, "--occluder goes with --segment field alone."),
        ({"field_images": 3}, "--field-images goes with --field-units N"),
        ({"field_size": "small"}, "--field-size must be 'measured', 'assumed' or 'fixed'"),
        ({"segment": "discs"}, "--segment must be 'field' or 'quantile', got 'discs'."),
        ({"untrained": True, "weights": "w.pth"}, "take it, or --weights."),
        ({"field_units": "all"}, "--field-units must be a whole"),
    ],
)
def test_a_wrong_option_is_one_sentence(given, sentence):
    with pytest.raises(BadRequest) as error:
        RunRequest.from_options(options(**given))

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_fields_are_measured_as_the_library_measures_them_by_default():
    from dissect.receptive_fields.disc_diameters import FieldSettings

    assert FieldOptions().model_dump() == asdict(FieldSettings())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"top": 0}, "--top must be at least 1, got 0."),
        ({"crop": 300}, "--crop must be from 1 to --resize 224, got 300."),
        ({"condition": "random images"}, "--condition must be 'trained', 'untrained',"),
    ],
)
def test_a_wrong_import_is_one_sentence(given, sentence):
    with pytest.raises(BadRequest) as error:
        ImportRequest.of({"study": "s"} | given)

    assert str(error.value).startswith(sentence)
