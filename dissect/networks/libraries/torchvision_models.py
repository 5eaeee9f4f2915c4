"""Builds torchvision's classifiers and segmenters, and says why its other models are refused."""

import inspect
import re
import sys
from pathlib import Path
from typing import Any

from dissect.errors import UnknownNetwork, UnreadableWeights, did_you_mean
from dissect.networks.builders import UNTRAINED, BuiltNetwork, with_random_weights
from dissect.networks.checkpoints import tensor_names
from dissect.networks.model_attributes import preprocessing_by
from dissect.networks.weights import downloaded, file_sha256, split_weights
from dissect.quick_torchvision import torchvision

# Why the models of torchvision's other modules are refused, and what to do instead.
OTHER_FAMILIES = {
    "detection": "{name} detects objects: it resizes a list of images itself and puts out boxes, "
    "so the maps of a layer differ in size. Its backbone takes one image at a time; "
    "docs/how-to/own-network.md shows how to write a factory for it.",
    "video": "{name} takes clips of several frames. Unitscope dissects networks that take single "
    "images.",
    "optical_flow": "{name} takes two frames of a video and puts out how pixels move. Unitscope "
    "dissects networks that take single images.",
    "quantization": "{name} computes with 8-bit integers, and its outputs are not activations. Use "
    "torchvision:{plain}, the same network in floating point.",
}
ONE_IMAGE = ("", "segmentation")  # modules below torchvision.models whose networks are loaded
INCEPTIONS = ("googlenet", "inception_v3")


def torchvision_model(name: str, weights: str | None) -> BuiltNetwork:
    """Build one of torchvision's models, with the preprocessing of its weights.

    Args:
        weights: DEFAULT or another name of published weights, such as IMAGENET1K_V1, or a file. A
            file of published weights is recognized by its hash.

    Raises:
        UnknownNetwork: torchvision has no such model, or it takes more than one image.
        UnreadableWeights: the weights cannot be downloaded.
    """
    check_takes_one_image(name)
    all_published = torchvision.models.get_model_weights(name)
    known = all_published.__members__  # DEFAULT among them
    make = torchvision.models.get_model
    if weights and weights in known:
        entry, kind = known[weights], weights
        model = downloaded(lambda: make(name, weights=entry))
    else:
        file = weights if weights != UNTRAINED else None
        if file and not split_weights(file)[0].exists():
            names = ", ".join(known)
            raise UnreadableWeights(
                f"There is no weights file {file}, and torchvision publishes {names} for {name}."
            )
        same = published_file(all_published, split_weights(file)[0]) if file else None
        entry, kind = same or all_published.DEFAULT, UNTRAINED
        if same is not None:
            print(f"{weights} is torchvision's {same.name}.", file=sys.stderr)
        arguments = _arguments(name, entry, file, same is not None)
        model = with_random_weights(lambda: make(name, weights=None, **arguments), weights)
    classes = tuple(entry.meta["categories"])
    return BuiltNetwork(model, preprocessing_by(entry.transforms()), kind, classes)


def check_takes_one_image(name: str) -> None:
    """Refuse an unknown name, and a model that takes several images at once, or boxes."""
    known = torchvision.models.list_models()
    if name not in known:
        hint = did_you_mean(name, known)
        raise UnknownNetwork(f"torchvision has no network named {name!r}.{hint}")
    module = torchvision.models.get_model_builder(name).__module__
    family = module.removeprefix("torchvision.models").strip(".").rpartition(".")[0]
    if family in ONE_IMAGE:
        return
    sentence = OTHER_FAMILIES.get(family, "{name} does not take single images.")
    plain = name.removeprefix("quantized_")
    raise UnknownNetwork(f"torchvision:{sentence.format(name=name, plain=plain)}")


def published_file(published: Any, path: Path) -> Any:
    """Find which of torchvision's published weights of a model are in a file; None if none are.

    The names of torchvision's files end in the first eight digits of their SHA-256.
    """
    if not path.is_file():
        return None
    digest = file_sha256(path)
    for entry in published:
        prefix = Path(entry.url).stem.rpartition("-")[2]
        if len(prefix) >= 8 and digest.startswith(prefix):
            return entry
    return None


def _arguments(name: str, entry: Any, file: str | None, is_published: bool) -> dict[str, Any]:
    """The arguments of a builder for weights that it does not load itself."""
    parameters = inspect.signature(torchvision.models.get_model_builder(name)).parameters
    arguments: dict[str, Any] = {}
    if "weights_backbone" in parameters:
        arguments["weights_backbone"] = None  # the default would download weights
    if name.startswith("vit_"):
        arguments["image_size"] = entry.meta["min_size"][0]
    if name in INCEPTIONS:
        arguments |= {"transform_input": is_published, "init_weights": file is None}
        if file and not is_published:
            print(
                f"{file} is not one of torchvision's files, so {name} does not transform its "
                "normalized images. Write a factory if it was trained with transform_input=True.",
                file=sys.stderr,
            )
    if file:
        names = tensor_names(split_weights(file)[0])
        if "aux_loss" in parameters:
            arguments["aux_loss"] = any("aux_classifier." in tensor for tensor in names)
        if name in INCEPTIONS:
            arguments["aux_logits"] = any(re.search(r"AuxLogits\.|aux1\.", t) for t in names)
    return arguments
