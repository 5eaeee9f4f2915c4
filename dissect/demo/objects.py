"""The list of things: how each is drawn, how large it is, and where it may stand."""

from collections.abc import Callable
from dataclasses import dataclass

from dissect.demo import fittings, indoors, living, outdoors
from dissect.demo.pen import Pen


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of object.

    stands: "floor" stands on floor or ground, "back" far behind there, "wall" hangs, "flat" lies
    on the floor, "top" stands on furniture if there is any, "water" floats if there is water.
    """

    draw: Callable[[Pen], None]
    width_px: float  # near the viewer, in a picture 128 px wide
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
    "stove": Thing(fittings.stove, 36, 44, "back"),
    "fridge": Thing(fittings.fridge, 30, 62, "back"),
    "sink": Thing(fittings.sink, 36, 42, "back"),
    "bathtub": Thing(fittings.bathtub, 62, 34),
    "toilet": Thing(fittings.toilet, 32, 38),
    "clock": Thing(indoors.clock, 18, 18, "wall"),
    "bottle": Thing(indoors.bottle, 9, 22, "top"),
    "person": Thing(living.person, 20, 56),
    "dog": Thing(living.dog, 34, 26),
    "cow": Thing(living.cow, 48, 36),
    "car": Thing(outdoors.car, 58, 28),
    "bicycle": Thing(outdoors.bicycle, 46, 30),
    "tractor": Thing(outdoors.tractor, 54, 42),
    "boat": Thing(outdoors.boat, 40, 48, "water"),
    "house": Thing(outdoors.house, 60, 62, "back"),
    "tree": Thing(living.tree, 44, 70),
    "bush": Thing(living.bush, 36, 24),
    "bench": Thing(outdoors.bench, 46, 26),
    "fence": Thing(outdoors.fence, 66, 24),
    "street lamp": Thing(outdoors.street_lamp, 20, 74),
    "traffic light": Thing(outdoors.traffic_light, 15, 54),
    "umbrella": Thing(outdoors.umbrella, 46, 50),
    "ball": Thing(outdoors.ball, 15, 15),
    "tent": Thing(outdoors.tent, 54, 36),
    "slide": Thing(outdoors.slide, 54, 46),
    "swing": Thing(outdoors.swing, 56, 46),
    "mushroom": Thing(living.mushroom, 20, 20),
}
