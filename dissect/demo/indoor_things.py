"""How the things of rooms are drawn. Each function paints the parts of one thing."""

from math import cos, pi, sin

from dissect.demo.canvas import Pen


def bed(pen: Pen) -> None:
    wood, linen, cover = pen.looks.wood(), pen.looks.pale(), pen.looks.cloth()
    high = pen.rng.uniform(0.0, 0.15)
    for x in (0.02, 0.92):
        pen.block("leg", x, 0.8, x + 0.06, 1.0, wood.darker().shaped("slim bar"))
    pen.block("headboard", 0.0, high, 0.08, 0.88, wood)
    pen.block("headboard", 0.93, 0.4, 1.0, 0.88, wood)
    pen.block("mattress", 0.07, 0.5, 0.94, 0.84, linen.darker(0.93))
    pen.shape("mattress", [(0.08, 0.5), (0.14, 0.38), (0.98, 0.38), (0.94, 0.5)], linen)
    pen.oval("pillow", 0.09, 0.24, 0.33, 0.5, pen.looks.pale().shaped("round body"))
    edge = pen.rng.uniform(0.34, 0.46)
    pen.shape("blanket", [(edge, 0.5), (edge + 0.05, 0.33), (0.97, 0.33), (0.95, 0.5)], cover)
    pen.block("blanket", edge, 0.48, 0.95, 0.76, cover.darker(0.85))


def sofa(pen: Pen) -> None:
    cover = pen.looks.cloth() if pen.rng.random() < 0.5 else pen.looks.paint()
    for x in (0.06, 0.88):
        pen.block("leg", x, 0.9, x + 0.06, 1.0, pen.looks.wood().shaped("slim bar"))
    pen.soft("backrest", 0.06, 0.02, 0.94, 0.7, cover, 5)
    seats = pen.rng.choice((2, 2, 3))
    for seat in range(seats):
        left = 0.12 + seat * 0.76 / seats
        pen.soft("cushion", left, 0.46, left + 0.76 / seats, 0.72, cover.darker(1.12), 3)
    pen.block("cushion", 0.1, 0.7, 0.9, 0.92, cover.darker(0.8))
    for x in (0.0, 0.86):
        pen.soft("armrest", x, 0.32, x + 0.14, 0.93, cover.darker(0.94), 4)
    if pen.rng.random() < 0.6:
        x = pen.rng.choice((0.16, 0.62))
        pen.soft("cushion", x, 0.28, x + 0.2, 0.56, pen.looks.cloth(), 3)


def table(pen: Pen) -> None:
    wood = pen.looks.wood() if pen.rng.random() < 0.75 else pen.looks.cloth()
    legs = pen.looks.wood().shaped("slim bar")
    for x, foot in ((0.2, 0.86), (0.76, 0.86), (0.05, 1.0), (0.9, 1.0)):
        pen.block("leg", x, 0.1, x + 0.05, foot, legs.darker(0.8 if foot < 1 else 1.0))
    top = [(0.12, 0.0), (0.88, 0.0), (1.0, 0.22), (0.0, 0.22)]
    pen.shape("tabletop", top, wood.shaped("flat top"))
    pen.block("tabletop", 0.0, 0.22, 1.0, 0.3, wood.darker(0.7))


def chair(pen: Pen) -> None:
    wood, legs = pen.looks.wood(), pen.looks.wood().shaped("slim bar")
    for x, foot in ((0.2, 0.9), (0.78, 0.9), (0.04, 1.0), (0.84, 1.0)):
        pen.block("leg", x, 0.5, x + 0.1, foot, legs.darker(0.8 if foot < 1 else 1.0))
    for x in (0.16, 0.78):
        pen.block("backrest", x, 0.0, x + 0.1, 0.5, legs)
    if pen.rng.random() < 0.5:
        pen.soft("backrest", 0.16, 0.0, 0.88, 0.34, wood, 2)
    else:
        for y in (0.02, 0.16, 0.3):
            pen.block("backrest", 0.16, y, 0.88, y + 0.08, wood)
    seat = [(0.18, 0.46), (0.86, 0.46), (0.98, 0.6), (0.0, 0.6)]
    cover = pen.looks.cloth() if pen.rng.random() < 0.5 else wood
    pen.shape("seat", seat, cover.shaped("flat top"))
    pen.block("seat", 0.0, 0.6, 0.98, 0.66, cover.darker(0.7))


def wardrobe(pen: Pen) -> None:
    wood, metal = pen.looks.wood(), pen.looks.metal().shaped("round body")
    for x in (0.03, 0.87):
        pen.block("leg", x, 0.93, x + 0.1, 1.0, wood.darker(0.6).shaped("slim bar"))
    pen.block("cabinet body", 0.0, 0.03, 1.0, 0.95, wood.darker(0.8))
    pen.block("cabinet body", -0.03, 0.0, 1.03, 0.05, wood.darker(1.1))
    doors = pen.rng.choice((2, 2, 3))
    front = wood if pen.rng.random() < 0.7 else pen.looks.paint()
    for door in range(doors):
        left = 0.04 + door * 0.92 / doors
        pen.block("door", left, 0.08, left + 0.92 / doors - 0.02, 0.91, front)
        knob = left + (0.92 / doors - 0.09 if door == 0 else 0.03)
        pen.oval("handle", knob, 0.45, knob + 0.06, 0.55, metal)


def lamp(pen: Pen) -> None:
    metal = pen.looks.metal().shaped("slim bar")
    shade = pen.looks.cloth() if pen.rng.random() < 0.4 else pen.looks.pale()
    pen.oval("foot", 0.22, 0.92, 0.78, 1.0, metal.shaped("round body"))
    pen.bar("pole", 0.5, 0.3, 0.5, 0.96, pen.thin, metal)
    top = pen.rng.uniform(0.2, 0.36)
    shape = [(top, 0.0), (1 - top, 0.0), (1.0, 0.4), (0.0, 0.4)]
    pen.shape("lampshade", shape, shade.darker(1.15).shaped("round body"))


def window(pen: Pen) -> None:
    frame, glass = pen.looks.wood(), pen.looks.glass()
    pen.block("frame", 0.1, 0.04, 0.9, 0.92, frame)
    pen.block("frame", 0.05, 0.92, 0.95, 1.0, frame.darker(1.1))
    columns, rows = pen.rng.choice(((2, 2), (2, 1), (3, 2), (2, 3)))
    for column in range(columns):
        for row in range(rows):
            x, y = 0.16 + column * 0.69 / columns, 0.09 + row * 0.8 / rows
            pen.block("pane", x, y, x + 0.69 / columns - 0.04, y + 0.8 / rows - 0.05, glass)
    if pen.rng.random() < 0.65:
        cloth = pen.looks.cloth()
        width = pen.rng.uniform(0.14, 0.28)
        for x0, x1 in ((0.0, width), (1 - width, 1.0)):
            pen.block("curtain", x0, 0.0, x1, 1.0, cloth)
        pen.bar("curtain", -0.03, 0.0, 1.03, 0.0, pen.thin, pen.looks.wood().shaped("slim bar"))


def picture(pen: Pen) -> None:
    frame, ground, sky = pen.looks.wood(), pen.looks.paint(), pen.looks.paint()
    pen.block("frame", 0.0, 0.0, 1.0, 1.0, frame)
    pen.block("painting", 0.1, 0.12, 0.9, 0.88, sky)
    if pen.rng.random() < 0.5:
        pen.oval("painting", 0.58, 0.2, 0.8, 0.46, pen.looks.paint().shaped("round body"))
        hill = [(0.1, 0.7), (0.36, 0.42), (0.6, 0.7), (0.76, 0.56), (0.9, 0.72), (0.9, 0.88)]
        pen.shape("painting", [*hill, (0.1, 0.88)], ground)
    else:
        for x in (0.16, 0.42, 0.68):
            pen.block("painting", x, pen.rng.uniform(0.2, 0.5), x + 0.18, 0.8, pen.looks.paint())


def mirror(pen: Pen) -> None:
    frame, glass = pen.looks.metal(), pen.looks.glass()
    if pen.rng.random() < 0.5:
        pen.oval("frame", 0.0, 0.0, 1.0, 1.0, frame)
        pen.oval("mirror glass", 0.1, 0.07, 0.9, 0.93, glass.darker(1.25))
    else:
        pen.soft("frame", 0.0, 0.0, 1.0, 1.0, frame, 3)
        pen.soft("mirror glass", 0.1, 0.06, 0.9, 0.94, glass.darker(1.25), 2)


def shelf(pen: Pen) -> None:
    wood = pen.looks.wood()
    pen.block("frame", 0.0, 0.0, 1.0, 1.0, wood.darker(0.55))
    rows = pen.rng.choice((3, 4))
    for row in range(rows):
        bottom = 0.02 + (row + 1) * 0.95 / rows
        x = 0.08
        while x < 0.84:
            width, tall = pen.rng.uniform(0.05, 0.12), pen.rng.uniform(0.55, 0.85) * 0.95 / rows
            if pen.rng.random() < 0.86:
                pen.block("book", x, bottom - tall, x + width, bottom, pen.looks.paint())
            x += width + 0.005
        pen.block("board", 0.0, bottom, 1.0, bottom + 0.035, wood)
    for x in (0.0, 0.93):
        pen.block("frame", x, 0.0, x + 0.07, 1.0, wood)
    pen.block("frame", -0.02, 0.0, 1.02, 0.05, wood)


def plant(pen: Pen) -> None:
    leaf, pot = pen.looks.leaves(), pen.looks.paint()
    for turn in range(pen.rng.randint(7, 10)):
        angle = pi * (0.06 + 0.88 * (turn + pen.rng.uniform(-0.3, 0.3)) / 8)
        reach = pen.rng.uniform(0.4, 0.6)
        tip = (0.5 + 0.85 * reach * cos(angle), 0.62 - reach * sin(angle) * 1.05)
        side = (0.10 * sin(angle), 0.08 * cos(angle))
        middle = ((0.5 + tip[0]) / 2, (0.62 + tip[1]) / 2 - 0.04)
        blade = [(0.5, 0.66), (middle[0] - side[0], middle[1] - side[1]), tip]
        pen.shape("leaf", [*blade, (middle[0] + side[0], middle[1] + side[1])], leaf)
    tapered = [(0.24, 0.66), (0.76, 0.66), (0.66, 1.0), (0.34, 1.0)]
    pen.shape("pot", tapered, pot.shaped("round body"))
    pen.block("pot", 0.2, 0.6, 0.8, 0.7, pot.darker(1.1))


def rug(pen: Pen) -> None:
    cloth, fringe = pen.looks.cloth().shaped("flat top"), pen.looks.pale().shaped("flat top")
    pen.shape("fringe", [(0.1, 0.0), (0.9, 0.0), (1.0, 1.0), (0.0, 1.0)], fringe)
    pen.shape("weave", [(0.15, 0.0), (0.85, 0.0), (0.94, 1.0), (0.06, 1.0)], cloth)
    inner = [(0.26, 0.2), (0.74, 0.2), (0.8, 0.8), (0.2, 0.8)]
    pen.shape("weave", inner, pen.looks.cloth().shaped("flat top"))


def screen(pen: Pen) -> None:
    casing = pen.looks.dark() if pen.rng.random() < 0.6 else pen.looks.pale()
    pen.block("foot", 0.44, 0.78, 0.56, 0.95, casing.darker(0.8).shaped("slim bar"))
    pen.oval("foot", 0.26, 0.9, 0.74, 1.0, casing.shaped("round body"))
    pen.soft("casing", 0.0, 0.0, 1.0, 0.82, casing, 2)
    glow = pen.looks.glass() if pen.rng.random() < 0.5 else pen.looks.paint()
    pen.block("display", 0.06, 0.07, 0.94, 0.72, glow)
    if pen.rng.random() < 0.6:
        for row in range(3):
            y = 0.16 + 0.17 * row
            pen.block("display", 0.13, y, pen.rng.uniform(0.4, 0.86), y + 0.07, pen.looks.paint())


def clock(pen: Pen) -> None:
    dark = pen.looks.dark().shaped("slim bar")
    pen.oval("clock rim", 0.0, 0.0, 1.0, 1.0, pen.looks.paint().shaped("round body"))
    pen.oval("dial", 0.12, 0.12, 0.88, 0.88, pen.looks.pale())
    for hour in range(12):
        x, y = 0.5 + 0.32 * cos(hour * pi / 6), 0.5 + 0.32 * sin(hour * pi / 6)
        pen.disc("dial", x, y, 0.025, dark.shaped("flat front"))
    for reach in (0.2, 0.3):
        angle = pen.rng.uniform(0, 2 * pi)
        x, y = 0.5 + reach * cos(angle), 0.5 + reach * sin(angle)
        pen.bar("clock hand", 0.5, 0.5, x, y, pen.thin, dark)


def bottle(pen: Pen) -> None:
    glass = pen.looks.glass() if pen.rng.random() < 0.4 else pen.looks.paint()
    round_glass = glass.shaped("round body")
    pen.block("bottle neck", 0.34, 0.1, 0.66, 0.4, glass.shaped("slim bar"))
    pen.block("bottle cap", 0.3, 0.0, 0.7, 0.13, pen.looks.paint())
    shoulders = [(0.34, 0.3), (0.66, 0.3), (1.0, 0.48), (1.0, 1.0), (0.0, 1.0), (0.0, 0.48)]
    pen.shape("bottle body", shoulders, round_glass)
    pen.block("label", 0.04, 0.58, 0.96, 0.84, pen.looks.cloth())


def stove(pen: Pen) -> None:
    body = pen.looks.pale() if pen.rng.random() < 0.6 else pen.looks.metal()
    dark = pen.looks.dark()
    pen.block("stove body", 0.0, 0.12, 1.0, 1.0, body)
    top = [(0.08, 0.0), (0.92, 0.0), (1.0, 0.13), (0.0, 0.13)]
    pen.shape("stove body", top, dark.shaped("flat top"))
    for x, y in ((0.2, 0.015), (0.58, 0.015), (0.14, 0.065), (0.6, 0.065)):
        hot = pen.rng.random() < 0.3
        ring = pen.looks.of((0.85, 0.3, 0.12), "smooth") if hot else pen.looks.metal()
        pen.oval("burner", x, y, x + 0.24, y + 0.06, ring)
    for knob in range(4):
        x = 0.12 + knob * 0.21
        pen.oval("knob", x, 0.16, x + 0.12, 0.27, dark.darker(1.4).shaped("round body"))
    pen.block("door", 0.07, 0.33, 0.93, 0.93, body.darker(0.85))
    pen.block("door", 0.14, 0.37, 0.86, 0.42, pen.looks.metal())
    pen.block("pane", 0.18, 0.5, 0.82, 0.82, dark.darker(1.2))


def fridge(pen: Pen) -> None:
    body, metal = pen.looks.pale(), pen.looks.metal().shaped("slim bar")
    if pen.rng.random() < 0.4:
        body = pen.looks.metal()
    split = pen.rng.choice((0.3, 0.36, 0.64))
    for x in (0.08, 0.8):
        pen.block("foot", x, 0.96, x + 0.12, 1.0, pen.looks.dark())
    pen.soft("door", 0.0, 0.0, 1.0, split, body, 3)
    pen.soft("door", 0.0, split + 0.012, 1.0, 0.97, body, 3)
    for y0, y1 in ((split - 0.2, split - 0.05), (split + 0.06, split + 0.26)):
        pen.bar("handle", 0.12, y0, 0.12, y1, pen.thin * 1.2, metal)


def sink(pen: Pen) -> None:
    wood, metal = pen.looks.wood(), pen.looks.metal().shaped("slim bar")
    pen.block("cupboard", 0.06, 0.4, 0.94, 1.0, wood)
    pen.block("cupboard", 0.49, 0.42, 0.51, 0.98, wood.darker(0.6))
    for x in (0.43, 0.57):
        pen.oval("handle", x - 0.03, 0.56, x + 0.03, 0.66, metal.shaped("round body"))
    basin = pen.looks.pale()
    pen.bar("tap", 0.5, 0.28, 0.5, 0.02, pen.thin * 1.5, metal)
    pen.bar("tap", 0.47, 0.03, 0.66, 0.03, pen.thin * 1.5, metal)
    pen.bar("tap", 0.65, 0.03, 0.65, 0.13, pen.thin * 1.3, metal)
    pen.shape("basin", [(0.0, 0.28), (1.0, 0.28), (0.9, 0.5), (0.1, 0.5)], basin)
    pen.oval("basin", 0.08, 0.2, 0.92, 0.36, basin.darker(0.75).shaped("flat top"))
    pen.block("basin", 0.0, 0.28, 1.0, 0.35, basin.darker(1.05))


def bathtub(pen: Pen) -> None:
    enamel = pen.looks.pale()
    metal = pen.looks.metal().shaped("slim bar")
    for x in (0.14, 0.76):
        pen.oval("foot", x, 0.84, x + 0.1, 1.0, metal.shaped("round body"))
    pen.bar("tap", 0.1, 0.3, 0.1, 0.02, pen.thin, metal)
    pen.bar("tap", 0.09, 0.03, 0.2, 0.03, pen.thin, metal)
    curve = [(0.0, 0.3), (1.0, 0.3), (0.96, 0.66), (0.86, 0.9), (0.14, 0.9), (0.04, 0.66)]
    pen.shape("tub", curve, enamel.shaped("round body"))
    pen.oval("tub", 0.05, 0.22, 0.95, 0.36, enamel.darker(0.7).shaped("flat top"))
    pen.soft("rim", -0.02, 0.28, 1.02, 0.4, enamel.darker(1.08), 2)


def toilet(pen: Pen) -> None:
    enamel = pen.looks.pale()
    lid = enamel if pen.rng.random() < 0.5 else pen.looks.paint()
    pen.soft("tank", 0.0, 0.0, 0.36, 0.52, enamel, 2)
    pen.block("lid", -0.02, 0.0, 0.38, 0.07, enamel.darker(1.1))
    pen.shape("foot", [(0.3, 0.7), (0.7, 0.7), (0.74, 1.0), (0.24, 1.0)], enamel.darker(0.85))
    bowl = [(0.14, 0.5), (1.0, 0.5), (0.94, 0.66), (0.72, 0.82), (0.3, 0.82), (0.18, 0.66)]
    pen.shape("bowl", bowl, enamel.shaped("round body"))
    pen.soft("lid", 0.2, 0.43, 1.02, 0.53, lid.darker(1.02), 2)
    if pen.rng.random() < 0.5:
        pen.shape("lid", [(0.24, 0.46), (0.3, 0.02), (0.42, 0.02), (0.36, 0.46)], lid)
