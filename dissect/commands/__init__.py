"""The commands of `python -m dissect`. Each module declares options, runs and prints."""

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

MODULES = {  # in the order of `--help`
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
    Command(name, module.add_arguments, module.run, module.show) for name, module in MODULES.items()
]
