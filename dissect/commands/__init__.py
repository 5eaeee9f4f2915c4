"""The commands of `python -m dissect`: each module parses, calls and prints."""

from dissect.commands import activations, compare, exemplars, filters, layers, rotations
from dissect.commands.command import Command

COMMANDS = [
    Command("layers", layers.arguments, layers.run),
    Command("exemplars", exemplars.arguments, exemplars.run),
    Command("filters", filters.arguments, filters.run),
    Command("activations", activations.arguments, activations.run),
    Command("compare", compare.arguments, compare.run),
    Command("rotations", rotations.arguments, rotations.run),
]
