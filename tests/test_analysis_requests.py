"""Questions to networks: validated where they are asked, and stored as they always were."""

import json

import pytest

from annotator.analysis_requests import ANALYSES, analysis_request
from annotator.job_requests import BadRequest

# What earlier versions stored in `Analysis.request`, in this order of keys.
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


def test_an_image_may_be_called_anything():
    assert analysis_request("occlusion", {"images": ["-1.png"]}).options() == {"images": ["-1.png"]}
