"""The objects of demo pictures: what paints each, how large it is, and where it stands."""

from collections.abc import Callable
from dataclasses import dataclass

from dissect.demo import indoors, outdoors
from dissect.demo.canvas import Pen


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of object.

    Attributes:
        draw: paints it.
        width_px, height_px: its size near the viewer, in a picture 128 px wide.
        stands: "floor" on the floor or ground, "back" far behind on it, "wall" hanging, "flat"
            lying on the floor, "top" on furniture if there is any, "water" on water if there is.
    """

    draw: Callable[[Pen], None]
    width_px: float
    height_px: float
    stands: str = "floor"


#: By the names of concepts.OBJECTS, in the same order.
THINGS: dict[str, Thing] = {
    "bed": Thing(indoors.bed, 66, 40),
    "sofa": Thing(indoors.sofa, 58, 36),
    "table": Thing(indoors.table, 52, 32),
    "chair": Thing(indoors.chair, 24, 40),
    "wardrobe": Thing(indoors.wardrobe, 40, 62, "back"),
    "lamp": Thing(indoors.lamp, 18, 40, "top"),
    "window": Thing(indoors.window, 36, 36, "wall"),
    "picture": Thing(indoors.picture, 26, 20, "wall"),
    "mirror": Thing(indoors.mirror, 20, 28, "wall"),
    "shelf": Thing(indoors.shelf, 34, 56, "back"),
    "plant": Thing(indoors.plant, 28, 36, "top"),
    "rug": Thing(indoors.rug, 70, 16, "flat"),
    "screen": Thing(indoors.screen, 30, 26, "top"),
    "stove": Thing(indoors.stove, 36, 44, "back"),
    "fridge": Thing(indoors.fridge, 30, 62, "back"),
    "sink": Thing(indoors.sink, 36, 42, "back"),
    "bathtub": Thing(indoors.bathtub, 62, 34),
    "toilet": Thing(indoors.toilet, 32, 38),
    "clock": Thing(indoors.clock, 18, 18, "wall"),
    "bottle": Thing(indoors.bottle, 9, 22, "top"),
    "person": Thing(outdoors.person, 20, 56),
    "dog": Thing(outdoors.dog, 34, 26),
    "cow": Thing(outdoors.cow, 48, 36),
    "car": Thing(outdoors.car, 58, 28),
    "bicycle": Thing(outdoors.bicycle, 46, 30),
    "tractor": Thing(outdoors.tractor, 54, 42),
    "boat": Thing(outdoors.boat, 40, 48, "water"),
    "house": Thing(outdoors.house, 60, 62, "back"),
    "tree": Thing(outdoors.tree, 44, 70),
    "bush": Thing(outdoors.bush, 36, 24),
    "bench": Thing(outdoors.bench, 46, 26),
    "fence": Thing(outdoors.fence, 66, 24),
    "street lamp": Thing(outdoors.street_lamp, 20, 74),
    "traffic light": Thing(outdoors.traffic_light, 15, 54),
    "umbrella": Thing(outdoors.umbrella, 46, 50),
    "ball": Thing(outdoors.ball, 15, 15),
    "tent": Thing(outdoors.tent, 54, 36),
    "slide": Thing(outdoors.slide, 54, 46),
    "swing": Thing(outdoors.swing, 56, 46),
    "mushroom": Thing(outdoors.mushroom, 20, 20),
}
#: Furniture with a top that smaller things may stand on, and where that top is (share of height).
HOSTS = {"table": 0.12, "sink": 0.3, "stove": 0.08, "shelf": 0.0, "wardrobe": 0.0, "fridge": 0.0}
