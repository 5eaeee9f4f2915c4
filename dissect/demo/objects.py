"""The list of things, how large each is, and where it stands in a scene.

Far things are small and painted first, near ones are large and painted last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from dissect.demo import indoors, outdoors
from dissect.demo.backgrounds import Stage
from dissect.demo.canvas import SIZE, Box, Pen


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


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in its box. It casts a shadow if `grounded`; lower `depth` is painted first."""

    name: str
    box: Box
    grounded: bool
    depth: float


def arrange(names: list[str], stage: Stage, rng: Random) -> list[Placed]:
    """Place objects: choose where each one stands, and how large; in the order of painting."""
    placed: list[Placed] = []
    on_furniture = []
    for name in sorted(names, key=lambda name: -THINGS[name].width_px):
        stands = THINGS[name].stands
        if stands == "top":
            on_furniture.append(name)
        elif stands == "wall" and stage.indoors:
            placed.append(_hung(name, stage, placed, rng))
        else:
            placed.append(_standing(name, stage, placed, rng))
    for name in on_furniture:
        placed.append(_on_furniture(name, stage, placed, rng))
    return sorted(placed, key=lambda thing: thing.depth)


def _overlap(box: Box, placed: list[Placed]) -> float:
    """The largest overlap of a box with a placed one, as a share of the smaller of the two."""
    worst = 0.0
    for other in (thing.box for thing in placed):
        wide = min(box.right, other.right) - max(box.left, other.left)
        high = min(box.bottom, other.bottom) - max(box.top, other.top)
        if wide > 0 and high > 0:
            smaller = min(box.width * box.height, other.width * other.height)
            worst = max(worst, wide * high / smaller)
    return worst


def _freest(boxes: list[Box], placed: list[Placed]) -> Box:
    """The box that overlaps least with what is placed already."""
    return min(boxes, key=lambda box: _overlap(box, placed))


def _standing(name: str, stage: Stage, placed: list[Placed], rng: Random) -> Placed:
    thing = THINGS[name]
    flat = thing.stands == "flat"
    boxes = []
    for _ in range(7):
        first, last = stage.shore + 5, SIZE - 3.0
        if thing.stands == "back":
            last = first + (4 if stage.indoors else 18)
        if thing.stands == "water" and stage.shore > stage.horizon:
            first, last = stage.horizon + 4, stage.shore
        base = rng.uniform(first, last)
        nearness = (base - stage.horizon) / (SIZE - stage.horizon)
        smallest = 0.72 if stage.indoors else 0.42
        size = (smallest + (1.05 - smallest) * nearness) * rng.uniform(0.88, 1.15)
        if thing.stands == "back" and not stage.indoors:
            size *= 1.35
        width, height = thing.width_px * size, thing.height_px * size
        left = rng.uniform(-0.15 * width, SIZE - 0.85 * width)
        boxes.append(Box(left, base - height, width, height))
    box = _freest(boxes, placed)
    return Placed(name, box, not flat, box.top - SIZE if flat else box.bottom)


def _hung(name: str, stage: Stage, placed: list[Placed], rng: Random) -> Placed:
    thing = THINGS[name]
    boxes = []
    for _ in range(7):
        size = rng.uniform(0.8, 1.2)
        width, height = thing.width_px * size, thing.height_px * size
        top = rng.uniform(6, max(7.0, stage.horizon - height - 16))
        boxes.append(Box(rng.uniform(2, SIZE - width - 2), top, width, height))
    box = _freest(boxes, placed)
    return Placed(name, box, False, box.top - 2 * SIZE)


def _on_furniture(name: str, stage: Stage, placed: list[Placed], rng: Random) -> Placed:
    """Place a thing on a piece of furniture with room above it, else on the ground."""
    hosts = [thing for thing in placed if thing.name in HOSTS and thing.box.top > 22]
    if not hosts or (name != "bottle" and rng.random() < 0.2):
        return _standing(name, stage, placed, rng)
    host = rng.choice(hosts)
    thing = THINGS[name]
    size = rng.uniform(0.7, 0.95)
    width, height = thing.width_px * size, thing.height_px * size
    base = host.box.top + HOSTS[host.name] * host.box.height + 0.6
    span = max(0.0, host.box.width - width)
    left = host.box.left + rng.uniform(0, 1) * span
    box = Box(left, base - height, width, height)
    return Placed(name, box, False, host.depth + 0.01)
