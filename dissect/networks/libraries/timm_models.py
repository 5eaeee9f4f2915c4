"""timm's models, where timm is installed, with the preprocessing of their own configuration."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dissect.errors import BadSetting, UnknownNetwork, did_you_mean
from dissect.images.preprocessing import Preprocessing
from dissect.networks.builders import PUBLISHED, UNTRAINED, BuiltNetwork, with_random_weights
from dissect.networks.model_attributes import ATTRIBUTES
from dissect.networks.weights import downloaded
from dissect.quick_torchvision import InterpolationMode


def timm_model(name: str, weights: str | None) -> BuiltNetwork:
    """Build one of timm's models, by its name or NAME.TAG, where the tag names its training.

    Raises:
        UnknownNetwork: timm is not installed, or has no such model.
        UnreadableWeights: the weights cannot be downloaded, or timm has none.
        BadSetting: its images are not square.
    """
    try:
        import timm
    except ImportError as error:
        raise UnknownNetwork(f"timm:{name} needs timm: pip install timm.") from error
    if not timm.is_model(name):
        hint = did_you_mean(name, timm.list_models())
        raise UnknownNetwork(f"timm has no network named {name!r}.{hint}")
    architecture, dot, tag = name.partition(".")
    tags = [known.partition(".")[2] for known in timm.list_pretrained(f"{architecture}.*")]
    if dot and tag not in tags:
        has = f"has {', '.join(tags)}" if tags else "has no published weights"
        raise UnknownNetwork(f"timm has no weights {name!r}: {architecture} {has}.")
    published = timm.get_pretrained_cfg(name)
    config = timm.data.resolve_data_config(
        {"in_chans": 3}, pretrained_cfg=published.to_dict() if published else None
    )
    preprocessing = preprocessing_of(config, name)
    if weights == PUBLISHED:
        model = downloaded(lambda: timm.create_model(name, pretrained=True))
        return BuiltNetwork(model, preprocessing, PUBLISHED)
    model = with_random_weights(lambda: timm.create_model(name, pretrained=False), weights)
    return BuiltNetwork(model, preprocessing, UNTRAINED)


def prepared_by_timm(built: BuiltNetwork) -> BuiltNetwork:
    """A user's network with timm's preprocessing, if it is a timm model that says nothing itself.

    Raises:
        BadSetting: its images are not square.
    """
    model = built.model
    if not isinstance(getattr(model, "pretrained_cfg", None), dict):
        return built
    if any(hasattr(model, name) for name in ATTRIBUTES):
        return built
    from timm.data import resolve_model_data_config

    name = type(model).__name__
    return replace(built, preprocessing=preprocessing_of(resolve_model_data_config(model), name))


def preprocessing_of(config: Mapping[str, Any], name: str) -> Preprocessing:
    """What timm's transform for evaluation does with such a data configuration.

    Raises:
        BadSetting: its images are not square.
    """
    _, height, width = config["input_size"]
    if height != width:
        raise BadSetting(
            f"timm:{name} takes images of {width} x {height} px; networks here see squares."
        )
    return Preprocessing(
        resize=math.floor(height / config["crop_pct"]),
        crop=height,
        crop_mode=config["crop_mode"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation=InterpolationMode(config["interpolation"]),
    )
