"""A table of what users' models say of their input: add a row for another."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torchvision import models
from torchvision import transforms as v1
from torchvision.transforms import InterpolationMode, v2

from dissect.errors import BadSetting
from dissect.images.preprocessing import Preprocessing
from dissect.networks.model_attributes import own_classes, own_preprocessing, preprocessing_by

RIGHT = [
    ({}, {"resize": 256, "crop": 224, "mean": (0.5,) * 3, "crop_mode": "center"}),
    ({"input_size": 32}, {"resize": 32, "crop": 32}),
    ({"input_size": 32, "resize": 40}, {"resize": 40, "crop": 32}),
    ({"mean": 0.1, "std": np.float32(0.25)}, {"mean": (0.1,) * 3, "std": (0.25,) * 3}),
    ({"mean": torch.tensor([0.25, 0.5, 0.75]).view(1, 3, 1, 1)}, {"mean": (0.25, 0.5, 0.75)}),
    ({"mean": [0.5], "std": np.array([0.25, 0.5, 1])}, {"std": (0.25, 0.5, 1.0)}),
    ({"mean": 0, "std": 1 / 255}, {"mean": (0.0,) * 3, "std": (1 / 255,) * 3}),
    ({"interpolation": "bilinear"}, {"interpolation": InterpolationMode.BILINEAR}),
    ({"interpolation": InterpolationMode.NEAREST}, {"interpolation": InterpolationMode.NEAREST}),
    ({"crop_mode": "squash"}, {"crop_mode": "squash"}),
]

WRONG = [
    ({"mean": (123.7, 116.3, 103.5)}, "divide by 255"),
    ({"std": (0.2, 0.0, 0.2)}, "std above 0"),
    ({"mean": float("nan")}, "must be of values from 0 to 1"),
    ({"mean": (0.1, 0.2), "std": (0.1, 0.2, 0.3)}, "mean has 2 numbers and its std 3"),
    ({"mean": (0.1, 0.2, 0.3), "std": (1, 1, 1, 1)}, "mean has 3 numbers and its std 4"),
    ({"mean": "imagenet"}, "mean is one number, or one a channel, not 'imagenet'"),
    ({"mean": print}, "mean is one number"),
    ({"interpolation": "cubic"}, "interpolation is 'cubic'; it is one of nearest"),
    ({"crop_mode": "pad"}, "crop_mode is 'pad'; it is one of center, squash, border"),
    ({"resize": 100}, "at least that many, not '100'"),
    ({"resize": (256, 256)}, r"not '\(256, 256\)'"),
]


def model_with(attributes):
    model = nn.Sequential(nn.Conv2d(3, 2, 3))
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


@pytest.mark.parametrize(("attributes", "expected"), RIGHT)
def test_attributes_of_a_model_say_what_it_is_fed(attributes, expected):
    view = own_preprocessing(model_with(attributes))

    assert {name: getattr(view, name) for name in expected} == {
        name: pytest.approx(value) if isinstance(value, tuple) else value
        for name, value in expected.items()
    }


@pytest.mark.parametrize(("attributes", "says"), WRONG)
def test_attributes_that_cannot_be_are_one_sentence(attributes, says):
    with pytest.raises(BadSetting, match=says) as caught:
        own_preprocessing(model_with(attributes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["cat", "dog"], ("cat", "dog")),
        ({1: "dog", 0: "cat"}, ("cat", "dog")),
        ({"0": "cat", "1": "dog"}, ("cat", "dog")),
        (range(2), ("0", "1")),
        ({"cat": 0, "dog": 1}, "a sequence of names, or a dictionary from 0 on"),
        ("catdog", "not 'catdog'"),
        (2, "not '2'"),
    ],
)
def test_classes_are_names_in_the_order_of_the_outputs(classes, expected):
    model = model_with({"classes": classes})
    if isinstance(expected, str):
        with pytest.raises(BadSetting, match=expected):
            own_classes(model)
    else:
        assert own_classes(model) == expected


NORMALISE = v2.Normalize([0.4, 0.5, 0.6], [0.2, 0.25, 0.5])
TRANSFORMS = [  # a transform, and what it does
    (v2.Compose([v2.Resize(40), v2.CenterCrop(32), v2.ToImage(), NORMALISE]),
     {"resize": 40, "crop": 32, "mean": (0.4, 0.5, 0.6), "std": (0.2, 0.25, 0.5)}),
    (v1.Compose([v1.Resize(40, InterpolationMode.NEAREST), v1.ToTensor()]),
     {"resize": 40, "crop": 40, "mean": (0.0,) * 3, "interpolation": InterpolationMode.NEAREST}),
    (v1.Compose([v1.Resize((40, 40)), v1.CenterCrop((32, 32))]), {"crop_mode": "squash"}),
    (models.ResNet50_Weights.IMAGENET1K_V2.transforms(), {"resize": 232, "crop": 224}),
    (Preprocessing(resize=64, crop=50), {"resize": 64, "crop": 50}),
]  # fmt: skip
NO_TRANSFORMS = [  # a transform, and what is said of it
    (v2.Compose([v2.Resize(40), v2.RandomCrop(32)]), "The transform has RandomCrop"),
    (v2.Compose([v2.CenterCrop(32)]), "does not say the size by a Resize"),
    (print, "does not say the size by a Resize"),
    (v2.Compose([v2.Resize((40, 60))]), r"resizes to \(40, 60\)"),
]


@pytest.mark.parametrize(("transform", "expected"), TRANSFORMS)
def test_what_a_transform_says(transform, expected):
    view = preprocessing_by(transform)

    assert {name: getattr(view, name) for name in expected} == expected


@pytest.mark.parametrize(("transform", "sentence"), NO_TRANSFORMS)
def test_a_transform_that_is_not_understood_is_refused(transform, sentence):
    with pytest.raises(BadSetting, match=sentence):
        preprocessing_by(transform)


def test_a_view_is_what_the_transform_makes_of_an_image():
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (70, 90, 3), dtype=np.uint8))
    steps = [v2.Resize(40), v2.CenterCrop(32), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
    transform = v2.Compose([*steps, NORMALISE])
    view = preprocessing_by(transform)

    ours = view.normalise(view.pixels(image)[None])[0]

    assert torch.allclose(ours, transform(image), atol=1e-5)
