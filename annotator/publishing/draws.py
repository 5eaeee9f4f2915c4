"""Random draws of publishing: fixed by the study's key, its networks and its images alone.

Names stand for rows here, because database ids depend on what else the installation holds.
"""

from annotator.keyed_random import keyed_number
from annotator.models import Image, Study, Unit


def draw(study: Study, purpose: str, unit: Unit, *parts: object) -> int:
    """A random draw of publishing: a number below 2**64 for one unit of a study.

    Args:
        purpose: what is drawn; draws of different purposes are independent.
        parts: what else it depends on, such as an image's name.
    """
    return keyed_number(study.key, purpose, unit_name(unit), *parts)


def unit_name(unit: Unit) -> str:
    """What draws call a unit: its network, layer and number, which are one unit's in a study."""
    layer = unit.layer
    return f"{layer.network.name}\x1f{layer.name}\x1f{unit.number}"


def image_name(image: Image) -> str:
    """What draws call an image: its place in the list and its picture, one image's in a study."""
    return f"{image.place}\x1f{image.tile}"
