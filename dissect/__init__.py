"""Finds what excites the units of a vision network: a torch library without Django or Celery.

The names below are imported on first use, so `import dissect` does not load torch. Each function
takes a network (a SPEC or any nn.Module) and images (a folder, paths, pictures, arrays, tensors).

>>> import dissect
>>> network = dissect.load_network("torchvision:alexnet", weights="DEFAULT")
>>> result = dissect.exemplars(network, "features.12", "photographs", top=9)
>>> result.layers["features.12"].image.shape  # (units, images)
(256, 9)
>>> dissect.receptive_field(network, "features.12").layers["features.12"].theoretical.size
(195, 195)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dissect.errors import DissectError as DissectError
    from dissect.format.axis_options import AxisOptions as AxisOptions
    from dissect.front_door.activations import activations as activations
    from dissect.front_door.comparisons import alike as alike
    from dissect.front_door.comparisons import compare as compare
    from dissect.front_door.concepts import concepts as concepts
    from dissect.front_door.exemplars import exemplars as exemplars
    from dissect.front_door.filters import filters as filters
    from dissect.front_door.layers import layers as layers
    from dissect.front_door.minimal_images import minimal_image as minimal_image
    from dissect.front_door.occlusion import occlusion as occlusion
    from dissect.front_door.receptive_fields import receptive_field as receptive_field
    from dissect.front_door.results import Result as Result
    from dissect.front_door.rotations import rotations as rotations
    from dissect.front_door.scenes import scenes as scenes
    from dissect.front_door.segmentation import segment as segment
    from dissect.images.image_list import find_images as find_images
    from dissect.networks.layer_outputs import recording as recording
    from dissect.networks.layers import list_layers as list_layers
    from dissect.networks.registry import load_network as load_network
    from dissect.receptive_fields.empirical import empirical_fields as empirical_fields
    from dissect.receptive_fields.occluders import Occluders as Occluders
    from dissect.receptive_fields.theoretical import theoretical_fields as theoretical_fields
    from dissect.topk.collect import collect as collect

__version__ = "0.1.0"

_MODULES = {
    # the functions, by the names of the commands
    "layers": "dissect.front_door.layers",
    "filters": "dissect.front_door.filters",
    "activations": "dissect.front_door.activations",
    "exemplars": "dissect.front_door.exemplars",
    "segment": "dissect.front_door.segmentation",
    "receptive_field": "dissect.front_door.receptive_fields",
    "occlusion": "dissect.front_door.occlusion",
    "minimal_image": "dissect.front_door.minimal_images",
    "compare": "dissect.front_door.comparisons",
    "alike": "dissect.front_door.comparisons",
    "concepts": "dissect.front_door.concepts",
    "scenes": "dissect.front_door.scenes",
    "rotations": "dissect.front_door.rotations",
    # what they return, and what they are made of
    "Result": "dissect.front_door.results",
    "DissectError": "dissect.errors",
    "AxisOptions": "dissect.format.axis_options",
    "find_images": "dissect.images.image_list",
    "list_layers": "dissect.networks.layers",
    "recording": "dissect.networks.layer_outputs",
    "load_network": "dissect.networks.registry",
    "empirical_fields": "dissect.receptive_fields.empirical",
    "Occluders": "dissect.receptive_fields.occluders",
    "theoretical_fields": "dissect.receptive_fields.theoretical",
    "collect": "dissect.topk.collect",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
