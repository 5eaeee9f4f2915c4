"""The objects of demo pictures: what paints each, how large it is, and where it stands."""

from collections.abc import Callable
from dataclasses import dataclass

from dissect.demo import indoor_things, outdoor_things
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
    "bed": Thing(indoor_things.bed, 66, 40),
    "sofa": Thing(indoor_things.sofa, 58, 36),
    "table": Thing(indoor_things.table, 52, 32),
    "chair": Thing(indoor_things.chair, 24, 40),
    "wardrobe": Thing(indoor_things.wardrobe, 40, 62, "back"),
    "lamp": Thing(indoor_things.lamp, 18, 40, "top"),
    "window": Thing(indoor_things.window, 36, 36, "wall"),
    "picture": Thing(indoor_things.picture, 26, 20, "wall"),
    "mirror": Thing(indoor_things.mirror, 20, 28, "wall"),
    "shelf": Thing(indoor_things.shelf, 34, 56, "back"),
    "plant": Thing(indoor_things.plant, 28, 36, "top"),
    "rug": Thing(indoor_things.rug, 70, 16, "flat"),
    "screen": Thing(indoor_things.screen, 30, 26, "top"),
    "stove": Thing(indoor_things.stove, 36, 44, "back"),
    "fridge": Thing(indoor_things.fridge, 30, 62, "back"),
    "sink": Thing(indoor_things.sink, 36, 42, "back"),
    "bathtub": Thing(indoor_things.bathtub, 62, 34),
    "toilet": Thing(indoor_things.toilet, 32, 38),
    "clock": Thing(indoor_things.clock, 18, 18, "wall"),
    "bottle": Thing(indoor_things.bottle, 9, 22, "top"),
    "person": Thing(outdoor_things.person, 20, 56),
    "dog": Thing(outdoor_things.dog, 34, 26),
    "cow": Thing(outdoor_things.cow, 48, 36),
    "car": Thing(outdoor_things.car, 58, 28),
    "bicycle": Thing(outdoor_things.bicycle, 46, 30),
    "tractor": Thing(outdoor_things.tractor, 54, 42),
    "boat": Thing(outdoor_things.boat, 40, 48, "water"),
    "house": Thing(outdoor_things.house, 60, 62, "back"),
    "tree": Thing(outdoor_things.tree, 44, 70),
    "bush": Thing(outdoor_things.bush, 36, 24),
    "bench": Thing(outdoor_things.bench, 46, 26),
    "fence": Thing(outdoor_things.fence, 66, 24),
    "street lamp": Thing(outdoor_things.street_lamp, 20, 74),
    "traffic light": Thing(outdoor_things.traffic_light, 15, 54),
    "umbrella": Thing(outdoor_things.umbrella, 46, 50),
    "ball": Thing(outdoor_things.ball, 15, 15),
    "tent": Thing(outdoor_things.tent, 54, 36),
    "slide": Thing(outdoor_things.slide, 54, 46),
    "swing": Thing(outdoor_things.swing, 56, 46),
    "mushroom": Thing(outdoor_things.mushroom, 20, 20),
}
#: Furniture with a top that smaller things may stand on, and where that top is (share of height).
HOSTS = {"table": 0.12, "sink": 0.3, "stove": 0.08, "shelf": 0.0, "wardrobe": 0.0, "fridge": 0.0}
