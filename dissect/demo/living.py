"""What lives and grows: people, animals, plants; how they are drawn."""

from math import cos, pi, sin

from dissect.demo.looks import Color
from dissect.demo.pen import Pen

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
