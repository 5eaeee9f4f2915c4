"""Decides where things stand: far ones small and behind, near ones large and in front."""

from dataclasses import dataclass
from random import Random

from dissect.demo.backgrounds import Stage
from dissect.demo.canvas import SIZE
from dissect.demo.objects import THINGS
from dissect.demo.pen import Box

#: Furniture with a top that smaller things may stand on, and where that top is (share of height).
HOSTS = {"table": 0.12, "sink": 0.3, "stove": 0.08, "shelf": 0.0, "wardrobe": 0.0, "fridge": 0.0}


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in its box; `grounded` throws a shadow on the ground."""

    name: str
    box: Box
    grounded: bool
    depth: float  # what is drawn first has the smallest


def arrange(names: list[str], stage: Stage, rng: Random) -> list[Placed]:
    """Place things in a scene, in the order in which they must be painted."""
    placed: list[Placed] = []
    riders = []
    for name in sorted(names, key=lambda name: -THINGS[name].width_px):
        stands = THINGS[name].stands
        if stands == "top":
            riders.append(name)
        elif stands == "wall" and stage.indoors:
            placed.append(_hung(name, stage, placed, rng))
        else:
            placed.append(_standing(name, stage, placed, rng))
    for name in riders:
        placed.append(_riding(name, stage, placed, rng))
    return sorted(placed, key=lambda one: one.depth)


def _overlap(box: Box, placed: list[Placed]) -> float:
    """The largest share of the smaller of two boxes that the other covers."""
    worst = 0.0
    for other in (one.box for one in placed):
        wide = min(box.right, other.right) - max(box.left, other.left)
        high = min(box.bottom, other.bottom) - max(box.top, other.top)
        if wide > 0 and high > 0:
            smaller = min(box.width * box.height, other.width * other.height)
            worst = max(worst, wide * high / smaller)
    return worst


def _freest(boxes: list[Box], placed: list[Placed]) -> Box:
    """The box that hides least of what is there already."""
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


def _riding(name: str, stage: Stage, placed: list[Placed], rng: Random) -> Placed:
    """On a piece of furniture if there is one with room, else on the ground."""
    hosts = [one for one in placed if one.name in HOSTS and one.box.top > 22]
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
