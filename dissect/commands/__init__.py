"""The commands of `python -m dissect`: each module parses, calls and prints."""

from dissect.commands import (
    activations,
    compare,
    concepts,
    exemplars,
    filters,
    layers,
    minimal_image,
    occlusion,
    receptive_field,
    rotations,
    segment,
)
from dissect.commands.command import Command

COMMANDS = [
    Command("layers", layers.arguments, layers.run),
    Command("exemplars", exemplars.arguments, exemplars.run),
    Command("filters", filters.arguments, filters.run),
    Command("activations", activations.arguments, activations.run),
    Command("compare", compare.arguments, compare.run),
    Command("minimal-image", minimal_image.arguments, minimal_image.run),
    Command("concepts", concepts.arguments, concepts.run),
    Command("segment", segment.arguments, segment.run),
    Command("rotations", rotations.arguments, rotations.run),
    Command("occlusion", occlusion.arguments, occlusion.run),
    Command("receptive-field", receptive_field.arguments, receptive_field.run),
]
