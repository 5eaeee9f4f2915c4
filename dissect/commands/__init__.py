"""The commands of `python -m dissect`: each module parses, calls and prints."""

from dissect.commands import (
    activations,
    alike,
    compare,
    concepts,
    exemplars,
    filters,
    layers,
    minimal_image,
    occlusion,
    receptive_field,
    rotations,
    scenes,
    segment,
)
from dissect.commands.command import Command

MODULES = {  # in the order in which one asks
    "layers": layers,
    "filters": filters,
    "activations": activations,
    "exemplars": exemplars,
    "segment": segment,
    "receptive-field": receptive_field,
    "occlusion": occlusion,
    "minimal-image": minimal_image,
    "compare": compare,
    "concepts": concepts,
    "alike": alike,
    "scenes": scenes,
    "rotations": rotations,
}
COMMANDS = [
    Command(name, module.arguments, module.answer, module.show) for name, module in MODULES.items()
]
