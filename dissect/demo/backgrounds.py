"""Backgrounds: rooms, landscapes and plain backdrops, painted before the things."""

from dataclasses import dataclass

from dissect.demo.canvas import SIZE, Canvas, Point
from dissect.demo.surfaces import Color, Look, Looks

#: Scene -> kind of ground -> its probability.
GROUNDS: dict[str, dict[str, float]] = {
    "street": {"pavement": 0.6, "grassland": 0.2, "sandy ground": 0.1, "bare soil": 0.1},
    "beach": {"sandy ground": 0.7, "grassland": 0.15, "pavement": 0.15},
    "farm": {"grassland": 0.5, "bare soil": 0.35, "sandy ground": 0.15},
    "forest": {"bare soil": 0.45, "grassland": 0.45, "sandy ground": 0.1},
    "park": {"grassland": 0.5, "sandy ground": 0.25, "pavement": 0.25},
}
#: Scene -> probabilities of a road or path, of far water, and of hills.
FEATURES: dict[str, tuple[float, float, float]] = {
    "street": (0.75, 0.15, 0.2),
    "beach": (0.15, 0.8, 0.3),
    "farm": (0.35, 0.15, 0.5),
    "forest": (0.3, 0.2, 0.35),
    "park": (0.45, 0.3, 0.2),
}
_SKIES: tuple[Color, ...] = (
    (0.50, 0.70, 0.90), (0.36, 0.58, 0.86), (0.74, 0.77, 0.80),
    (0.95, 0.74, 0.55), (0.86, 0.66, 0.72), (0.40, 0.40, 0.58),
)  # fmt: skip
_WATERS: tuple[Color, ...] = (
    (0.24, 0.48, 0.66), (0.22, 0.52, 0.50), (0.42, 0.50, 0.54), (0.60, 0.48, 0.46),
)  # fmt: skip
_EARTHS: dict[str, tuple[tuple[Color, ...], str]] = {
    "sandy ground": (((0.88, 0.78, 0.56), (0.74, 0.68, 0.58), (0.82, 0.64, 0.46)), "sand"),
    "bare soil": (((0.46, 0.33, 0.22), (0.38, 0.34, 0.30), (0.60, 0.46, 0.32)), "sand"),
    "pavement": (((0.66, 0.64, 0.61), (0.56, 0.52, 0.50), (0.74, 0.66, 0.56)), "tiles"),
    "road": (((0.34, 0.35, 0.37), (0.46, 0.46, 0.46), (0.58, 0.50, 0.40)), "stone"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where things can stand, in pixels from the top of the picture."""

    indoors: bool
    horizon: float  # where the ground begins
    shore: float  # where far water ends and land begins; the horizon where there is no water


def _block(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, look: Look,
           surface: str) -> None:  # fmt: skip
    canvas.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], look, surface)


def backdrop(canvas: Canvas, looks: Looks) -> None:
    """Paint a plain or patterned background for a single object, sometimes in two halves."""
    choices = (looks.paint, looks.cloth, looks.wood, looks.stone, looks.leaves, looks.paint)
    look = looks.rng.choice(choices)().shaped("flat front")
    _block(canvas, 0, 0, SIZE, SIZE, look, "backdrop")
    if looks.rng.random() < 0.5:
        line = looks.rng.uniform(0.45, 0.85) * SIZE
        lower = looks.rng.choice(choices)().shaped("flat top")
        _block(canvas, 0, line, SIZE, SIZE, lower, "backdrop")


def _wall(looks: Looks) -> Look:
    texture = looks.rng.choice(("smooth", "smooth", "tiles", "bricks", "striped cloth", "planks"))
    return looks.of(looks.any_color(), texture, looks.rng.choice((0.88, 1.12)))


def indoor_stage(canvas: Canvas, looks: Looks, scene: str) -> Stage:
    """Paint a room as background: wall, floor, perhaps a ceiling and a side wall.

    Rooms of all kinds are papered and floored alike, so `scene` changes nothing here.
    """
    rng = looks.rng
    horizon = rng.uniform(70, 88)
    wall = _wall(looks)
    _block(canvas, 0, 0, SIZE, SIZE, wall, "wall")
    floor = looks.wood() if rng.random() < 0.5 else _wall(looks)
    _block(canvas, 0, horizon, SIZE, SIZE, floor.shaped("flat top"), "floor")
    if rng.random() < 0.5:
        _block(canvas, 0, 0, SIZE, rng.uniform(5, 13), looks.pale().shaped("flat top"), "ceiling")
    if rng.random() < 0.4:
        deep = rng.uniform(10, 26)
        side: list[Point] = [(0, 0), (deep, 0), (deep, horizon), (0, horizon + 1.6 * deep)]
        if rng.random() < 0.5:
            side = [(SIZE - x, y) for x, y in side]
        canvas.polygon(side, wall.darker(0.82), "wall")
    skirting = looks.pale() if rng.random() < 0.5 else wall.darker(0.7)
    _block(canvas, 0, horizon - 2.5, SIZE, horizon, skirting, "wall")
    return Stage(True, horizon, horizon)


def _sky(canvas: Canvas, looks: Looks, horizon: float) -> None:
    sky = looks.near(looks.rng.choice(_SKIES), 0.05)
    cloud = (0.4 * sky[0] + 0.58, 0.4 * sky[1] + 0.58, 0.4 * sky[2] + 0.58)
    texture = "clouds" if looks.rng.random() < 0.7 else "smooth"
    _block(canvas, 0, 0, SIZE, horizon + 1, Look(sky, cloud, texture), "sky")


def _hills(canvas: Canvas, looks: Looks, horizon: float) -> None:
    look = looks.leaves() if looks.rng.random() < 0.6 else looks.stone()
    points: list[Point] = [(-8, horizon + 1)]
    points += [(x, horizon - looks.rng.uniform(2, 20)) for x in range(0, SIZE + 9, 16)]
    points.append((SIZE + 8, horizon + 1))
    canvas.polygon(points, look.shaped("flat front").darker(0.9), "hills")


def _ground(looks: Looks, kind: str) -> Look:
    if kind == "grassland":
        color = looks.near(looks.rng.choice(looks.season))
        return looks.of(color, "grass", 0.72).shaped("flat top")
    colors, texture = _EARTHS[kind]
    return looks.of(looks.near(looks.rng.choice(colors)), texture, 0.8).shaped("flat top")


def _road(canvas: Canvas, looks: Looks, shore: float) -> None:
    """A road across the picture, or a path that leads into it."""
    kind = looks.rng.choice(("road", "road", "pavement", "sandy ground"))
    look = _ground(looks, kind)
    if looks.rng.random() < 0.5:
        top = looks.rng.uniform(shore + 4, 104)
        _block(canvas, 0, top, SIZE, top + looks.rng.uniform(12, 24), look, kind)
        return
    far, near = looks.rng.uniform(20, 108), looks.rng.uniform(10, 118)
    wide = looks.rng.uniform(12, 26)
    path: list[Point] = [(far - 3, shore), (far + 3, shore), (near + wide, SIZE)]
    canvas.polygon([*path, (near - wide, SIZE)], look, kind)


def outdoor_stage(canvas: Canvas, looks: Looks, scene: str) -> Stage:
    """Paint a landscape as background: sky, perhaps hills, water or a road, and ground."""
    rng = looks.rng
    road, water, hills = FEATURES[scene]
    horizon = rng.uniform(44, 72)
    _sky(canvas, looks, horizon)
    if rng.random() < hills:
        _hills(canvas, looks, horizon)
    kind = rng.choices(list(GROUNDS[scene]), list(GROUNDS[scene].values()))[0]
    _block(canvas, 0, horizon, SIZE, SIZE, _ground(looks, kind), kind)
    shore = horizon
    if rng.random() < water:
        shore = horizon + rng.uniform(12, 30)
        color = looks.near(rng.choice(_WATERS), 0.05)
        sea = looks.of(color, "waves", 1.35).shaped("flat top")
        _block(canvas, 0, horizon, SIZE, shore, sea, "water")
    if rng.random() < road:
        _road(canvas, looks, shore)
    return Stage(False, horizon, shore)
