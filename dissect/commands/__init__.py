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

COMMANDS = [
    Command("layers", layers.arguments, layers.answer, layers.show),
    Command("exemplars", exemplars.arguments, exemplars.answer, exemplars.show),
    Command("filters", filters.arguments, filters.answer, filters.show),
    Command("activations", activations.arguments, activations.answer, activations.show),
    Command("compare", compare.arguments, compare.answer, compare.show),
    Command("minimal-image", minimal_image.arguments, minimal_image.answer, minimal_image.show),
    Command("concepts", concepts.arguments, concepts.answer, concepts.show),
    Command("segment", segment.arguments, segment.answer, segment.show),
    Command("alike", alike.arguments, alike.answer, alike.show),
    Command("scenes", scenes.arguments, scenes.answer, scenes.show),
    Command("rotations", rotations.arguments, rotations.answer, rotations.show),
    Command("occlusion", occlusion.arguments, occlusion.answer, occlusion.show),
    Command(
        "receptive-field", receptive_field.arguments, receptive_field.answer, receptive_field.show
    ),
]
