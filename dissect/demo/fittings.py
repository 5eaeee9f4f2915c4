"""What is fitted in kitchens and bathrooms: how it is drawn."""

from dissect.demo.pen import Pen


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
