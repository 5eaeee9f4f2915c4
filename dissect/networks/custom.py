"""Networks of the user's own: package.module:factory."""

import importlib
import sys
from typing import Any

import torch
from torch import nn

from dissect.errors import BadSetting, DissectError, UnknownNetwork
from dissect.images.preprocessing import Preprocessing
from dissect.networks.libraries import UNTRAINED, Built


def from_factory(module: str, name: str) -> Built:
    """The network that a factory makes, with what it says of its input.

    Raises:
        UnknownNetwork: it fails, or returns something else.
    """
    if "" not in sys.path:
        sys.path.insert(0, "")  # a factory beside the user, as `python -m` finds it
    try:
        factory = getattr(importlib.import_module(module), name)
        model = factory()
    except DissectError:
        raise
    except Exception as error:  # whatever the user's own code raises
        raise UnknownNetwork(
            f"{module}:{name} cannot be made: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(model, nn.Module):
        raise UnknownNetwork(f"{module}:{name} returned {type(model).__name__}, not an nn.Module.")
    kind = "factory" if getattr(model, "is_trained", True) else UNTRAINED
    return Built(model, _own_preprocessing(model), kind, tuple(getattr(model, "classes", ())))


def _own_preprocessing(model: nn.Module) -> Preprocessing:
    """What a brought network says of its input: 224 px, 0.5 and 0.5 where it says nothing.

    Input of 224 px is cut from 256, as everywhere; any other size takes the whole shorter side,
    so that a network for 32 px pictures sees all of them, unless the model says `resize`.
    """
    size = getattr(model, "input_size", 224)
    crop = int(size if isinstance(size, int) else size[-1])
    mean, std = (_per_channel(getattr(model, name, 0.5)) for name in ("mean", "std"))
    channels = max(len(mean), len(std), _input_channels(model) if len(mean) == 1 else 1)
    if channels not in (1, 3, 4):
        raise BadSetting(f"Networks take 1, 3 or 4 channels; this one takes {channels}.")
    mean, std = (value * channels if len(value) == 1 else value for value in (mean, std))
    resize = int(getattr(model, "resize", 256 if crop == 224 else crop))
    return Preprocessing(resize=resize, crop=crop, mean=mean, std=std)


def _per_channel(value: Any) -> tuple[float, ...]:
    if isinstance(value, torch.Tensor):
        value = value.flatten().tolist()
    return (float(value),) if isinstance(value, (int, float)) else tuple(float(v) for v in value)


def _input_channels(model: nn.Module) -> int:
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            return module.in_channels
    return 3
