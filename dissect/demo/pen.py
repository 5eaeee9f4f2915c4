"""Draws one thing into a box of the canvas, in coordinates from 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from random import Random

from dissect.demo.canvas import Canvas, Point
from dissect.demo.looks import Look, Looks


@dataclass(frozen=True, slots=True)
class Box:
    """Where a thing stands, in pixels of the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


class Pen:
    """Paints the parts of one thing; (0, 0) is the box's top left, (1, 1) its bottom right.

    A thing painted with `mirrored` faces the other way. Each call names the part it paints.
    """

    def __init__(
        self, canvas: Canvas, looks: Looks, of: str, box: Box, mirrored: bool = False
    ) -> None:
        self.canvas = canvas
        self.looks = looks
        self.rng: Random = looks.rng
        self.of = of
        self.box = box
        self.mirrored = mirrored

    def _place(self, x: float, y: float) -> Point:
        across = 1 - x if self.mirrored else x
        return self.box.left + across * self.box.width, self.box.top + y * self.box.height

    def shape(self, part: str, points: Sequence[Point], look: Look) -> None:
        places = [self._place(x, y) for x, y in points]
        self.canvas.polygon(places, look, look.form, part, self.of)

    def block(self, part: str, x0: float, y0: float, x1: float, y1: float, look: Look) -> None:
        self.shape(part, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], look)

    def oval(self, part: str, x0: float, y0: float, x1: float, y1: float, look: Look) -> None:
        corners = [self._place(x0, y0), self._place(x1, y1)]
        self.canvas.ellipse(corners, look, look.form, part, self.of)

    def disc(self, part: str, x: float, y: float, radius: float, look: Look) -> None:
        """A true circle; the radius counts in heights of the box."""
        across, down = self._place(x, y)
        reach = radius * self.box.height
        corners = [(across - reach, down - reach), (across + reach, down + reach)]
        self.canvas.ellipse(corners, look, look.form, part, self.of)

    def soft(
        self, part: str, x0: float, y0: float, x1: float, y1: float, look: Look, px: float = 3
    ) -> None:
        """A block with corners rounded by some pixels (of a thing of usual size)."""
        rx = min(px / max(self.box.width, 1), (x1 - x0) / 2)
        ry = min(px / max(self.box.height, 1), (y1 - y0) / 2)
        corners = [(x1 - rx, y0 + ry, -0.5), (x1 - rx, y1 - ry, 0.0)]
        corners += [(x0 + rx, y1 - ry, 0.5), (x0 + rx, y0 + ry, 1.0)]
        points = [
            (x + rx * cos(pi * (start + step / 8)), y + ry * sin(pi * (start + step / 8)))
            for x, y, start in corners
            for step in range(5)
        ]
        self.shape(part, points, look)

    def bar(
        self, part: str, x0: float, y0: float, x1: float, y1: float, px: float, look: Look
    ) -> None:
        """A straight bar between two points, some pixels thick."""
        (ax, ay), (bx, by) = self._place(x0, y0), self._place(x1, y1)
        length = max(hypot(bx - ax, by - ay), 0.1)
        side_x, side_y = (by - ay) / length * px / 2, (ax - bx) / length * px / 2
        points = [(ax + side_x, ay + side_y), (bx + side_x, by + side_y)]
        points += [(bx - side_x, by - side_y), (ax - side_x, ay - side_y)]
        self.canvas.polygon(points, look, look.form, part, self.of)

    def ring(self, part: str, x: float, y: float, radius: float, px: float, look: Look) -> None:
        """A circle drawn as a band of bars, so that one sees through it."""
        aspect = self.box.height / self.box.width
        rim = [
            (x + radius * aspect * cos(step * pi / 8), y + radius * sin(step * pi / 8))
            for step in range(17)
        ]
        for (x0, y0), (x1, y1) in zip(rim, rim[1:], strict=False):
            self.bar(part, x0, y0, x1, y1, px, look)

    @property
    def thin(self) -> float:
        """A thin bar for a thing of this size, in pixels."""
        return max(1.2, 0.035 * max(self.box.width, self.box.height))
