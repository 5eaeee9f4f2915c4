"""How things outdoors, people, animals and plants are drawn.

Each public function paints the parts of one thing.
"""

from math import cos, pi, sin

from dissect.demo.canvas import Pen
from dissect.demo.surfaces import Color


def _wheel(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.disc("wheel", x, y, radius, pen.looks.dark().shaped("round body"))
    pen.disc("wheel", x, y, radius * 0.5, pen.looks.metal().shaped("round body"))


def car(pen: Pen) -> None:
    paint, glass = pen.looks.paint(), pen.looks.glass()
    roof = pen.rng.uniform(0.0, 0.1)
    cabin = [(0.16, 0.42), (0.28, roof), (0.66, roof), (0.82, 0.42)]
    pen.shape("vehicle body", cabin, paint.darker(0.95))
    pen.shape("pane", [(0.22, 0.4), (0.31, roof + 0.08), (0.46, roof + 0.08), (0.46, 0.4)], glass)
    pen.shape("pane", [(0.5, 0.4), (0.5, roof + 0.08), (0.63, roof + 0.08), (0.75, 0.4)], glass)
    pen.soft("vehicle body", 0.0, 0.38, 1.0, 0.8, paint, 4)
    pen.soft("bumper", -0.01, 0.66, 0.08, 0.8, pen.looks.metal(), 1)
    pen.soft("bumper", 0.92, 0.66, 1.01, 0.8, pen.looks.metal(), 1)
    pen.oval("light", 0.93, 0.45, 1.0, 0.6, pen.looks.of((0.98, 0.94, 0.7), "smooth"))
    pen.oval("light", 0.0, 0.45, 0.05, 0.58, pen.looks.of((0.85, 0.15, 0.12), "smooth"))
    for x in (0.21, 0.78):
        _wheel(pen, x, 0.8, 0.2)


def bicycle(pen: Pen) -> None:
    paint, dark = pen.looks.paint().shaped("slim bar"), pen.looks.dark().shaped("slim bar")
    for x in (0.23, 0.77):
        pen.ring("wheel", x, 0.68, 0.3, pen.thin, dark)
        pen.disc("wheel", x, 0.68, 0.05, pen.looks.metal().shaped("round body"))
    tubes = [(0.23, 0.68, 0.4, 0.3), (0.4, 0.3, 0.68, 0.28), (0.68, 0.28, 0.48, 0.7)]
    tubes += [(0.48, 0.7, 0.36, 0.18), (0.23, 0.68, 0.48, 0.7), (0.77, 0.68, 0.66, 0.12)]
    for x0, y0, x1, y1 in tubes:
        pen.bar("bicycle frame", x0, y0, x1, y1, pen.thin * 1.3, paint)
    pen.soft("seat", 0.27, 0.12, 0.46, 0.2, dark, 2)
    pen.bar("handlebar", 0.58, 0.08, 0.74, 0.12, pen.thin * 1.4, dark)


def tractor(pen: Pen) -> None:
    paint, glass = pen.looks.paint(), pen.looks.glass()
    pen.bar("exhaust", 0.8, 0.42, 0.8, 0.08, pen.thin, pen.looks.metal().shaped("slim bar"))
    pen.soft("vehicle body", 0.42, 0.38, 1.0, 0.74, paint, 2)
    pen.block("vehicle body", 0.9, 0.44, 0.97, 0.68, paint.darker(0.6))
    pen.block("cab", 0.1, 0.04, 0.52, 0.62, paint.darker(0.9))
    pen.block("cab", 0.06, 0.0, 0.56, 0.08, paint.darker(1.15))
    pen.block("pane", 0.17, 0.13, 0.46, 0.42, glass)
    _wheel(pen, 0.26, 0.7, 0.3)
    _wheel(pen, 0.84, 0.82, 0.18)


def boat(pen: Pen) -> None:
    wood, metal = pen.looks.wood(), pen.looks.wood().shaped("slim bar")
    sail = pen.looks.cloth() if pen.rng.random() < 0.5 else pen.looks.pale()
    pen.bar("mast", 0.46, 0.0, 0.46, 0.8, pen.thin, metal)
    pen.shape("sail", [(0.5, 0.03), (0.96, 0.68), (0.5, 0.68)], sail)
    pen.shape("sail", [(0.42, 0.12), (0.42, 0.68), (0.1, 0.68)], sail.darker(0.88))
    hull = [(0.0, 0.74), (1.0, 0.74), (0.84, 1.0), (0.16, 1.0)]
    pen.shape("hull", hull, wood.shaped("round body"))
    pen.block("hull", 0.0, 0.72, 1.0, 0.78, wood.darker(0.65))


def house(pen: Pen) -> None:
    texture = pen.rng.choice(("bricks", "bricks", "planks", "smooth", "stone"))
    wall = pen.looks.of(pen.looks.any_color(), texture, pen.rng.choice((0.7, 1.3)))
    eaves = pen.rng.uniform(0.26, 0.4)
    if pen.rng.random() < 0.6:
        pen.block("chimney", 0.68, 0.02, 0.8, eaves, pen.looks.stone())
    pen.block("facade", 0.05, eaves - 0.02, 0.95, 1.0, wall)
    roof = pen.looks.of(pen.looks.any_color(), pen.rng.choice(("bricks", "planks", "smooth")), 0.7)
    ridge = pen.rng.choice((0.0, 0.22))
    shape = [(0.5 - ridge, 0.0), (0.5 + ridge, 0.0), (1.03, eaves), (-0.03, eaves)]
    pen.shape("roof", shape, roof)
    glass, door = pen.looks.glass(), pen.looks.wood()
    floors = pen.rng.choice((1, 2, 2))
    at = pen.rng.choice((0.12, 0.41, 0.68))
    for floor in range(floors):
        y = eaves + 0.08 + floor * (0.94 - eaves) / floors
        for x in (0.14, 0.41, 0.68):
            if floor < floors - 1 or x != at:
                pen.block("pane", x, y, x + 0.18, y + 0.4 * (1 - eaves) / floors, glass)
    pen.block("door", at, 1 - 0.7 * (1 - eaves) / floors, at + 0.2, 1.0, door)


def bench(pen: Pen) -> None:
    wood, legs = pen.looks.wood(), pen.looks.metal().shaped("slim bar")
    for x in (0.1, 0.84):
        pen.block("leg", x, 0.1, x + 0.06, 1.0, legs)
    for y in (0.0, 0.2):
        pen.block("backrest", 0.0, y, 1.0, y + 0.14, wood)
    top = [(0.04, 0.46), (0.96, 0.46), (1.0, 0.62), (0.0, 0.62)]
    pen.shape("seat", top, wood.shaped("flat top"))
    pen.block("seat", 0.0, 0.62, 1.0, 0.7, wood.darker(0.7))


def fence(pen: Pen) -> None:
    wood = pen.looks.wood()
    for y in (0.3, 0.68):
        pen.block("rail", 0.0, y, 1.0, y + 0.12, wood.darker(0.8).shaped("slim bar"))
    posts = pen.rng.randint(6, 9)
    for post in range(posts):
        x = (post + 0.25) / posts
        wide = 0.5 / posts
        tip = [(x, 0.14), (x + wide / 2, 0.0), (x + wide, 0.14), (x + wide, 1.0), (x, 1.0)]
        pen.shape("post", tip, wood)


def street_lamp(pen: Pen) -> None:
    metal = pen.looks.metal().shaped("slim bar")
    glow = pen.looks.of(pen.looks.near((0.97, 0.92, 0.72), 0.04), "smooth")
    pen.block("foot", 0.1, 0.92, 0.5, 1.0, metal.darker(0.8))
    pen.bar("pole", 0.3, 0.06, 0.3, 0.96, pen.thin * 1.1, metal)
    pen.bar("pole", 0.3, 0.06, 0.85, 0.03, pen.thin, metal)
    pen.shape("light", [(0.62, 0.03), (1.0, 0.03), (0.94, 0.13), (0.68, 0.13)], glow)
    pen.block("light", 0.58, 0.0, 1.04, 0.04, metal.darker(0.7))


def traffic_light(pen: Pen) -> None:
    dark, metal = pen.looks.dark(), pen.looks.metal().shaped("slim bar")
    if pen.rng.random() < 0.4:
        dark = pen.looks.paint().darker(0.8)
    pen.bar("pole", 0.5, 0.4, 0.5, 1.0, pen.thin * 1.4, metal)
    pen.soft("casing", 0.14, 0.0, 0.86, 0.5, dark, 2)
    bright = pen.rng.randrange(3)
    for place, color in enumerate(((0.9, 0.15, 0.12), (0.95, 0.75, 0.15), (0.2, 0.75, 0.3))):
        lit = pen.looks.of(color, "smooth").darker(1.1 if place == bright else 0.4)
        pen.disc("light", 0.5, 0.09 + 0.16 * place, 0.065, lit)


def umbrella(pen: Pen) -> None:
    cloth, other = pen.looks.cloth(), pen.looks.paint()
    pen.bar("pole", 0.5, 0.0, 0.5, 1.0, pen.thin, pen.looks.wood().shaped("slim bar"))
    drop = pen.rng.uniform(0.3, 0.42)
    edges = (0.0, 0.24, 0.5, 0.76, 1.0)
    for place, (x0, x1) in enumerate(zip(edges, edges[1:], strict=False)):
        bulge = [(0.5 + (x - 0.5) * 0.68, drop * 0.36) for x in (x0, x1)]
        fan = [(0.5, 0.0), bulge[1], (x1, drop), ((x0 + x1) / 2, drop * 0.9), (x0, drop), bulge[0]]
        look = cloth if place % 2 else other
        pen.shape("canopy", fan, look.darker(1.05 - 0.07 * place))


def ball(pen: Pen) -> None:
    first, second = pen.looks.paint().shaped("round body"), pen.looks.paint()
    pen.oval("ball half", 0.0, 0.0, 1.0, 1.0, first)
    pen.oval("stripe", 0.26, 0.02, 0.74, 0.98, second.shaped("round body"))
    pen.oval("ball half", 0.4, 0.02, 0.6, 0.98, first)


def tent(pen: Pen) -> None:
    cloth = pen.looks.cloth() if pen.rng.random() < 0.35 else pen.looks.paint()
    pen.shape(
        "tent canvas", [(0.34, 0.0), (0.78, 0.06), (1.0, 1.0), (0.62, 1.0)], cloth.darker(0.75)
    )
    pen.shape("tent canvas", [(0.34, 0.0), (0.66, 1.0), (0.0, 1.0)], cloth)
    flap = pen.rng.uniform(0.28, 0.4)
    pen.shape("entrance", [(0.34, flap), (0.46, 1.0), (0.2, 1.0)], pen.looks.dark())


def slide(pen: Pen) -> None:
    metal, chute = pen.looks.metal().shaped("slim bar"), pen.looks.paint()
    pen.bar("ladder", 0.08, 1.0, 0.22, 0.0, pen.thin, metal)
    pen.bar("ladder", 0.26, 1.0, 0.34, 0.14, pen.thin, metal)
    for rung in range(5):
        y = 0.26 + 0.16 * rung
        x0, x1 = 0.22 - 0.14 * y, 0.34 - 0.09 * y
        pen.bar("rung", x0, y, x1, y, pen.thin, metal)
    curve = [(0.2, 0.14), (0.38, 0.14), (0.62, 0.58), (0.82, 0.86), (1.0, 0.9)]
    under = [(1.0, 1.0), (0.78, 0.98), (0.54, 0.74), (0.34, 0.3), (0.2, 0.28)]
    pen.shape("chute", curve + under, chute)
    pen.shape("chute", [*curve, *((x, y - 0.07) for x, y in reversed(curve))], chute.darker(0.7))


def swing(pen: Pen) -> None:
    frame = pen.looks.paint().shaped("slim bar")
    wide = pen.thin * 1.3
    for x0, x1 in ((0.12, 0.0), (0.12, 0.22), (0.88, 0.78), (0.88, 1.0)):
        pen.bar("swing frame", x0, 0.02, x1, 1.0, wide, frame)
    pen.bar("swing frame", 0.08, 0.03, 0.92, 0.03, wide * 1.2, frame)
    rope, seat = pen.looks.dark().shaped("slim bar"), pen.looks.paint()
    for x in (0.3, 0.58):
        lean = pen.rng.uniform(-0.06, 0.06)
        for side in (0.0, 0.13):
            pen.bar("rope", x + side, 0.05, x + side + lean, 0.72, pen.thin * 0.6, rope)
        pen.block("seat", x - 0.02 + lean, 0.71, x + 0.15 + lean, 0.78, seat)


_SKINS: tuple[Color, ...] = ((0.93, 0.76, 0.64), (0.80, 0.58, 0.42), (0.50, 0.33, 0.22))
_BARKS: tuple[Color, ...] = (
    (0.42, 0.30, 0.20), (0.30, 0.24, 0.20), (0.80, 0.78, 0.74), (0.50, 0.45, 0.40),
)  # fmt: skip


def person(pen: Pen) -> None:
    skin = pen.looks.of(pen.looks.near(pen.rng.choice(_SKINS), 0.03), "smooth", 0.9)
    shirt = pen.looks.cloth() if pen.rng.random() < 0.6 else pen.looks.paint()
    trousers, hair = pen.looks.paint(), pen.looks.of(pen.looks.any_color(), "hide", 0.6)
    stride = pen.rng.uniform(0.02, 0.2)
    thick = 0.19 * pen.box.width * 1.3
    for side in (-1, 1):
        pen.bar("human leg", 0.5 + 0.1 * side, 0.55, 0.5 + (0.1 + stride) * side, 0.98, thick,
                trousers.shaped("slim bar"))  # fmt: skip
    swing = pen.rng.uniform(0.1, 0.3)
    for side in (-1, 1):
        pen.bar("arm", 0.5 + 0.24 * side, 0.26, 0.5 + (0.24 + swing) * side, 0.55, thick * 0.75,
                skin.shaped("slim bar"))  # fmt: skip
    shape = [(0.22, 0.22), (0.78, 0.22), (0.72, 0.6), (0.28, 0.6)]
    pen.shape("torso", shape, shirt)
    pen.disc("hair", 0.5, 0.1, 0.105, hair.shaped("round body"))
    pen.disc("head", 0.54, 0.12, 0.082, skin.shaped("round body"))


def dog(pen: Pen) -> None:
    coat = pen.looks.of(pen.looks.any_color(), pen.rng.choice(("smooth", "hide")), 0.5)
    for x in (0.2, 0.3, 0.62, 0.72):
        pen.block("animal leg", x, 0.6, x + 0.08, 1.0, coat.darker(0.85).shaped("slim bar"))
    pen.bar("tail", 0.17, 0.45, 0.0, 0.14, pen.thin * 1.8, coat.shaped("slim bar"))
    pen.soft("animal body", 0.14, 0.36, 0.82, 0.76, coat.shaped("round body"), 5)
    pen.oval("animal head", 0.64, 0.06, 0.93, 0.5, coat.shaped("round body"))
    pen.soft("animal head", 0.82, 0.22, 1.0, 0.44, coat.darker(1.1), 2)
    pen.oval("ear", 0.66, 0.06, 0.76, 0.42, coat.darker(0.55).shaped("round body"))


def cow(pen: Pen) -> None:
    patched = pen.looks.pale()
    coat = pen.looks.of(patched.color, "hide", pen.rng.choice((0.2, 0.35, 0.6)))
    if pen.rng.random() < 0.4:
        coat = pen.looks.of(pen.looks.any_color(), "hide", 0.55)
    for x in (0.12, 0.24, 0.58, 0.7):
        pen.block("animal leg", x, 0.6, x + 0.09, 1.0, coat.darker(0.8).shaped("slim bar"))
    pen.bar("tail", 0.08, 0.26, 0.02, 0.7, pen.thin, coat.darker(0.7).shaped("slim bar"))
    pen.soft("animal body", 0.06, 0.2, 0.82, 0.72, coat.shaped("round body"), 6)
    for x in (0.76, 0.96):
        pen.bar("horn", x, 0.14, x + (0.05 if x > 0.9 else -0.05), 0.0, pen.thin,
                patched.shaped("slim bar"))  # fmt: skip
    pen.oval("ear", 0.66, 0.12, 0.8, 0.24, coat.darker(0.6).shaped("round body"))
    pen.shape("animal head", [(0.72, 0.1), (1.0, 0.1), (0.97, 0.44), (0.9, 0.56), (0.8, 0.5)],
              coat.shaped("round body"))  # fmt: skip
    pen.oval("animal head", 0.8, 0.38, 0.98, 0.58, pen.looks.of((0.86, 0.66, 0.62), "smooth"))


def _crown(pen: Pen, part: str, top: float, bottom: float, clumps: int) -> None:
    """A leafy mass of overlapping ovals between two heights of the box."""
    leaves = pen.looks.leaves()
    middle, tall = (top + bottom) / 2, (bottom - top) / 2
    for clump in range(clumps):
        angle = 2 * pi * clump / clumps + pen.rng.uniform(-0.3, 0.3)
        x, y = 0.5 + 0.27 * cos(angle), middle + 0.5 * tall * sin(angle)
        wide = pen.rng.uniform(0.2, 0.27)
        high = tall * pen.rng.uniform(0.42, 0.6)
        pen.oval(part, x - wide, y - high, x + wide, y + high, leaves.darker(1 - 0.12 * sin(angle)))
    pen.oval(part, 0.22, middle - 0.6 * tall, 0.76, middle + 0.55 * tall, leaves.darker(1.04))


def tree(pen: Pen) -> None:
    bark = pen.looks.of(pen.looks.near(pen.rng.choice(_BARKS)), "wood", 0.6)
    wide = pen.rng.uniform(0.05, 0.09)
    foot = 1.5 * wide
    trunk = [(0.5 - wide, 0.45), (0.5 + wide, 0.45), (0.5 + foot, 1.0), (0.5 - foot, 1.0)]
    pen.shape("trunk", trunk, bark.shaped("slim bar"))
    if pen.rng.random() < 0.35:
        needles = pen.looks.leaves()
        for tier in range(3):
            top, reach = 0.2 * tier, 0.28 + 0.11 * tier
            shape = [(0.5, top), (0.5 + reach, top + 0.42), (0.5 - reach, top + 0.42)]
            pen.shape("crown", shape, needles.darker(1.08 - 0.1 * tier))
    else:
        _crown(pen, "crown", 0.0, pen.rng.uniform(0.6, 0.72), pen.rng.randint(6, 8))


def bush(pen: Pen) -> None:
    _crown(pen, "leaf", 0.0, 1.05, 7)
    if pen.rng.random() < 0.5:
        berry = pen.looks.paint().shaped("round body")
        for _ in range(pen.rng.randint(5, 9)):
            x, y = pen.rng.uniform(0.2, 0.8), pen.rng.uniform(0.2, 0.8)
            pen.disc("berry", x, y, 0.06, berry)


def mushroom(pen: Pen) -> None:
    cap, stem = pen.looks.paint().shaped("round body"), pen.looks.pale().shaped("slim bar")
    pen.shape("stem", [(0.38, 0.4), (0.62, 0.4), (0.7, 1.0), (0.3, 1.0)], stem)
    turns = [pi * step / 12 for step in range(13)]
    pen.shape(
        "mushroom cap", [(0.5 + 0.5 * cos(turn), 0.5 - 0.5 * sin(turn)) for turn in turns], cap
    )
    pen.oval("mushroom cap", 0.0, 0.42, 1.0, 0.58, cap.darker(0.8).shaped("flat top"))
    for x, y in ((0.3, 0.24), (0.56, 0.12), (0.72, 0.3), (0.48, 0.36)):
        if pen.rng.random() < 0.8:
            pen.oval("spot", x - 0.07, y - 0.05, x + 0.07, y + 0.05, pen.looks.pale())
