"""The ten scenes and the single-object pictures.

Every object occurs in several scenes, and no object is certain to be in any scene, so a scene is
recognized by a combination of objects. `dissect.demo.baselines` measures how well one object alone
would do. Far objects are small and painted first, near ones are large and painted last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from dissect.demo.backgrounds import Stage, backdrop, indoor_stage, outdoor_stage
from dissect.demo.canvas import SIZE, Box, Bytes, Canvas, Pen
from dissect.demo.concepts import LEVELS, SCENES, indices
from dissect.demo.light import color_labels, lit, orientation_labels
from dissect.demo.objects import HOSTS, THINGS
from dissect.demo.surfaces import Looks

#: Scene -> object -> the probability that it is there, and the maximal number.
CASTS: dict[str, dict[str, tuple[float, int]]] = {
    "bedroom": {
        "bed": (0.82, 1), "wardrobe": (0.65, 1), "lamp": (0.6, 2), "window": (0.5, 1),
        "rug": (0.45, 1), "picture": (0.4, 2), "mirror": (0.35, 1), "clock": (0.3, 1),
        "chair": (0.25, 1), "shelf": (0.25, 1), "plant": (0.2, 1), "screen": (0.15, 1),
        "person": (0.15, 1), "table": (0.15, 1), "sofa": (0.14, 1), "dog": (0.12, 1),
        "toilet": (0.1, 1), "bathtub": (0.08, 1),
    },
    "living room": {
        "sofa": (0.82, 2), "picture": (0.55, 2), "screen": (0.5, 1), "lamp": (0.5, 1),
        "plant": (0.5, 2), "rug": (0.5, 1), "window": (0.5, 1), "shelf": (0.45, 1),
        "table": (0.45, 1), "dog": (0.3, 1), "clock": (0.25, 1), "person": (0.25, 1),
        "chair": (0.2, 1), "bottle": (0.2, 1), "bed": (0.16, 1), "wardrobe": (0.12, 1),
        "mirror": (0.12, 1), "fridge": (0.1, 1), "stove": (0.1, 1), "bicycle": (0.08, 1),
        "ball": (0.08, 1),
    },
    "kitchen": {
        "stove": (0.8, 1), "fridge": (0.75, 1), "sink": (0.6, 1), "bottle": (0.5, 3),
        "table": (0.45, 1), "chair": (0.45, 2), "window": (0.4, 1), "clock": (0.35, 1),
        "person": (0.25, 1), "plant": (0.2, 1), "shelf": (0.15, 1), "picture": (0.15, 1),
        "lamp": (0.12, 1), "dog": (0.1, 1), "screen": (0.06, 1),
    },
    "bathroom": {
        "bathtub": (0.75, 1), "toilet": (0.75, 1), "sink": (0.65, 1), "mirror": (0.6, 1),
        "bottle": (0.45, 2), "rug": (0.45, 1), "window": (0.25, 1), "plant": (0.2, 1),
        "wardrobe": (0.2, 1), "person": (0.15, 1), "chair": (0.1, 1), "clock": (0.1, 1),
        "lamp": (0.1, 1), "picture": (0.1, 1), "shelf": (0.1, 1), "dog": (0.06, 1),
    },
    "office": {
        "table": (0.75, 2), "screen": (0.75, 2), "chair": (0.7, 2), "shelf": (0.65, 2),
        "clock": (0.5, 1), "plant": (0.4, 1), "window": (0.4, 1), "person": (0.35, 2),
        "lamp": (0.3, 1), "picture": (0.25, 1), "bottle": (0.25, 1), "wardrobe": (0.2, 1),
        "sofa": (0.18, 1), "fridge": (0.15, 1), "stove": (0.12, 1), "toilet": (0.1, 1),
        "sink": (0.08, 1), "bed": (0.08, 1), "bicycle": (0.06, 1),
    },
    "street": {
        "house": (0.8, 2), "car": (0.75, 2), "traffic light": (0.6, 1), "street lamp": (0.55, 1),
        "tree": (0.5, 2), "person": (0.5, 2), "bicycle": (0.4, 1), "bench": (0.2, 1),
        "dog": (0.2, 1), "umbrella": (0.16, 1), "fence": (0.15, 1), "bush": (0.15, 1),
        "table": (0.1, 1), "chair": (0.1, 1), "tractor": (0.1, 1), "ball": (0.08, 1),
    },
    "beach": {
        "umbrella": (0.7, 2), "boat": (0.65, 2), "person": (0.5, 2), "ball": (0.45, 1),
        "chair": (0.3, 2), "tree": (0.25, 1), "rug": (0.25, 1), "dog": (0.2, 1), "tent": (0.2, 1),
        "house": (0.15, 1), "bench": (0.15, 1), "bottle": (0.15, 1), "bicycle": (0.12, 1),
        "slide": (0.12, 1), "street lamp": (0.1, 1), "swing": (0.1, 1), "fence": (0.1, 1),
        "cow": (0.08, 1), "tractor": (0.07, 1), "traffic light": (0.06, 1), "car": (0.06, 1),
    },
    "farm": {
        "cow": (0.75, 3), "tractor": (0.65, 1), "fence": (0.65, 2), "house": (0.6, 1),
        "tree": (0.5, 2), "dog": (0.3, 1), "bush": (0.3, 1), "person": (0.25, 1), "car": (0.12, 1),
        "bathtub": (0.12, 1), "bench": (0.1, 1), "mushroom": (0.1, 1), "swing": (0.1, 1),
        "bicycle": (0.08, 1), "table": (0.08, 1), "boat": (0.08, 1), "traffic light": (0.06, 1),
        "slide": (0.06, 1), "toilet": (0.05, 1),
    },
    "forest": {
        "tree": (0.97, 6), "bush": (0.65, 3), "mushroom": (0.6, 3), "tent": (0.5, 1),
        "person": (0.25, 1), "dog": (0.15, 1), "cow": (0.15, 1), "bench": (0.12, 1),
        "bicycle": (0.12, 1), "fence": (0.1, 1), "car": (0.1, 1), "chair": (0.1, 1),
        "house": (0.1, 1), "boat": (0.1, 1), "tractor": (0.08, 1),
    },
    "park": {
        "tree": (0.75, 3), "slide": (0.6, 1), "swing": (0.6, 1), "bench": (0.6, 2),
        "person": (0.5, 2), "bush": (0.5, 2), "street lamp": (0.45, 1), "ball": (0.4, 1),
        "dog": (0.4, 1), "bicycle": (0.35, 1), "fence": (0.3, 1), "boat": (0.15, 1),
        "mushroom": (0.15, 1), "house": (0.15, 1), "rug": (0.12, 1), "umbrella": (0.1, 1),
        "traffic light": (0.1, 1), "car": (0.08, 1), "tent": (0.06, 1), "cow": (0.06, 1),
    },
}  # fmt: skip

INDOOR = ("bedroom", "living room", "kitchen", "bathroom", "office")


@dataclass(frozen=True, slots=True)
class Picture:
    """One rendered picture with all its labels."""

    kind: str  # "scene" or "object"
    name: str  # the scene, or the object
    pixels: Bytes  # (128, 128, 3)
    labels: dict[str, Bytes]  # level -> (128, 128) indices, 0 = nothing of that level


def render_scene(scene: str, seed: int) -> Picture:
    """Draw a demo scene; the same scene and seed give the same picture."""
    rng = Random(f"scene {scene} {seed}")
    canvas, looks = Canvas(rng), Looks(rng)
    stage = (indoor_stage if scene in INDOOR else outdoor_stage)(canvas, looks, scene)
    _populate(canvas, looks, stage, _cast(scene, rng))
    return _finished("scene", scene, canvas, rng)


def _render_object(name: str, seed: int) -> Picture:
    """Draw a demo scene of one object alone, before a plain or patterned background."""
    rng = Random(f"object {name} {seed}")
    canvas, looks = Canvas(rng), Looks(rng)
    backdrop(canvas, looks)
    thing = THINGS[name]
    size = rng.uniform(0.45, 0.92) * SIZE / max(thing.width_px, thing.height_px)
    width = thing.width_px * size * rng.uniform(0.9, 1.1)
    height = thing.height_px * size * rng.uniform(0.9, 1.1)
    left = rng.uniform(-0.06 * width, SIZE - 0.94 * width)
    top = rng.uniform(-0.04 * height, SIZE - 0.96 * height)
    canvas.shadow(left, top + height * 0.93, left + width, top + height * 1.06, 0.35)
    thing.draw(Pen(canvas, looks, name, Box(left, top, width, height), rng.random() < 0.5))
    return _finished("object", name, canvas, rng)


def _cast(scene: str, rng: Random) -> list[str]:
    """Draw the objects of a scene by the probabilities in CASTS; at least four kinds."""
    while True:
        kinds = [
            (name, maximum)
            for name, (probability, maximum) in CASTS[scene].items()
            if rng.random() < probability
        ]
        if len(kinds) >= 4:
            return [name for name, maximum in kinds for _ in range(rng.randint(1, maximum))]


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in its box. It casts a shadow if `grounded`; lower `depth` is painted first."""

    name: str
    box: Box
    grounded: bool
    depth: float


def _arrange(names: list[str], stage: Stage, rng: Random) -> list[Placed]:
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


def _populate(canvas: Canvas, looks: Looks, stage: Stage, names: list[str]) -> None:
    for placed in _arrange(names, stage, looks.rng):
        box = placed.box
        if placed.grounded:
            deep = max(2.0, 0.09 * box.width)
            canvas.shadow(box.left, box.bottom - deep, box.right, box.bottom + deep, 0.4)
        pen = Pen(canvas, looks, placed.name, box, looks.rng.random() < 0.5)
        THINGS[placed.name].draw(pen)


def _finished(kind: str, name: str, canvas: Canvas, rng: Random) -> Picture:
    painted = canvas.painted()
    pixels, clean = lit(painted, rng)
    scene = indices("scene")[name] if kind == "scene" else 0
    labels = painted.labels | {
        "color": color_labels(clean),
        "orientation": orientation_labels(clean),
        "scene": np.full((SIZE, SIZE), scene, dtype=np.uint8),
    }
    return Picture(kind, name, pixels, {level: labels[level] for level in LEVELS})


#: Kind of picture -> its classes, and the function that draws one by class and seed.
KINDS: dict[str, tuple[tuple[str, ...], Callable[[str, int], Picture]]] = {
    "scene": (SCENES, render_scene),
    "object": (tuple(THINGS), _render_object),
}


def render(kind: str, place: int, seed: int) -> Picture:
    """Draw a scene or an object by its place in an endless list of demo pictures."""
    names, draw = KINDS[kind]
    return draw(names[place % len(names)], seed * 1_000_003 + place // len(names))
