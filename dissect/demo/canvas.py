"""Turns painted shapes into a picture and the labels of its pixels.

Shapes are painted back to front into one image of shape numbers, three times as fine as the
picture. Color, shading and every label are then looked up by shape number, so picture and labels
cannot disagree: what is hidden in the picture is hidden in all labels.

A Pen paints one thing into its box of the canvas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from dissect.demo.concepts import indices
from dissect.demo.surfaces import TEXTURE_FUNCTIONS, Floats, Look, Looks

SIZE = 128  # pixels of the finished picture, each way
FINE = 3  # shapes are drawn this many times finer, for smooth edges
_WIDE = SIZE * FINE

Point = tuple[float, float]
Bytes = NDArray[np.uint8]

_TEXTURE = indices("texture")
_TEXTURE_NAMES = {index: name for name, index in _TEXTURE.items()}
_SURFACE = indices("surface")
_PART = indices("part")
_OBJECT = indices("object")
_ALONG, _DOWN = (
    axis.ravel() + np.float32(0.5)
    for axis in np.meshgrid(np.arange(SIZE, dtype=np.float32), np.arange(SIZE, dtype=np.float32))
)

#: Form -> brightness at the middle, slope down, bend across, bend down.
_SHADING = {
    "flat front": (1.0, -0.14, 0.0, 0.0),
    "flat top": (1.10, 0.06, 0.0, 0.0),
    "slim bar": (1.08, 0.0, 1.2, 0.0),
    "round body": (1.12, -0.10, 0.9, 0.9),
    "leafy mass": (1.10, -0.25, 0.5, 0.6),
}


@dataclass(frozen=True, slots=True)
class Painted:
    """A canvas as pixels, before it is lit."""

    color: Floats  # (128, 128, 3), from 0 to 1
    shadow: Floats  # (128, 128), 1 where no shadow falls
    labels: dict[str, Bytes]  # level -> (128, 128)


class Canvas:
    """Collects the shapes of a picture. Coordinates are pixels of that picture, y downwards."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.light_from = rng.uniform(-1, 1)  # -1 from the left, 1 from the right
        self.edge = rng.uniform(0.0, 0.3)  # how dark the outline of a shape is
        self._numbers = Image.new("I", (_WIDE, _WIDE), 0)
        self._draw = ImageDraw.Draw(self._numbers)
        self._shadows = Image.new("L", (SIZE, SIZE), 255)
        self._shadow_draw = ImageDraw.Draw(self._shadows)
        self._labels: list[tuple[int, int, int, int]] = []
        self._looks: list[tuple[float, ...]] = []

    def polygon(
        self, points: Sequence[Point], look: Look, surface: str, part: str = "", of: str = ""
    ) -> None:
        """Paint a polygon. `part` and `of`, the object, are empty for backgrounds."""
        number = self._record(points, look, surface, part, of)
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=number)
        self._shadow_draw.polygon(list(points), fill=255)

    def ellipse(
        self, corners: Sequence[Point], look: Look, surface: str, part: str = "", of: str = ""
    ) -> None:
        """Paint the ellipse that fills the box between two corners."""
        number = self._record(corners, look, surface, part, of)
        (x0, y0), (x1, y1) = corners
        box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        self._draw.ellipse([edge * FINE for edge in box], fill=number)
        self._shadow_draw.ellipse(box, fill=255)

    def shadow(self, x0: float, y0: float, x1: float, y1: float, strength: float) -> None:
        """Cast a shadow on what is painted so far; what is painted later stays bright."""
        self._shadow_draw.ellipse((x0, y0, x1, y1), fill=round(255 * (1 - strength)))

    def _record(self, points: Sequence[Point], look: Look, surface: str, part: str, of: str) -> int:
        across, down = zip(*points, strict=True)
        x, y = min(across), min(down)
        width, height = max(max(across) - x, 0.5), max(max(down) - y, 0.5)
        middle, slope, bend_x, bend_y = _SHADING[look.form]
        if look.form == "slim bar" and width > height:
            bend_x, bend_y = bend_y, bend_x  # a horizontal bar is round from top to bottom
        self._labels.append(
            (
                _TEXTURE[look.texture],
                _SURFACE[surface],
                _PART[part] if part else 0,
                _OBJECT[of] if of else 0,
            )
        )
        self._looks.append(
            (*look.color, *look.other, x, y, width, height, middle, slope, bend_x, bend_y)
            + (look.pitch_px, look.turn, self.rng.uniform(0, 64), self.rng.uniform(0, 64))
        )
        return len(self._labels) - 1

    def painted(self) -> Painted:
        """Look up every pixel's color and labels by the topmost shape there.

        Colors are looked up at the finer resolution and averaged, for smooth edges. Texture,
        shading and labels are those of the shape at the center of the pixel.
        """
        fine = np.asarray(self._numbers)
        numbers = fine[FINE // 2 :: FINE, FINE // 2 :: FINE].ravel()
        looks = np.array(self._looks, dtype=np.float32)
        labels = np.array(self._labels, dtype=np.uint8)
        first, second = (_averaged(looks[:, at : at + 3], fine) for at in (0, 3))
        mix = _mix(numbers, looks, labels[:, 0])[:, None]
        shade = self._shade(numbers, looks) * (1 - self.edge * _outlines(fine))
        soft = self._shadows.filter(ImageFilter.BoxBlur(1.5))
        color = (first + mix * (second - first)) * shade[:, None]
        return Painted(
            color=color.reshape(SIZE, SIZE, 3),
            shadow=np.asarray(soft, dtype=np.float32) / 255,
            labels={
                level: labels[numbers, column].reshape(SIZE, SIZE)
                for column, level in enumerate(("texture", "surface", "part", "object"))
            },
        )

    def _shade(self, numbers: NDArray[np.int32], looks: Floats) -> Floats:
        """The brightness of each pixel by its shape's form and the side of the light, (pixels,)."""
        x, y, width, height, middle, slope, bend_x, bend_y = looks[:, 6:14].T
        right = (_ALONG - x[numbers]) / width[numbers] - 0.5
        down = (_DOWN - y[numbers]) / height[numbers] - 0.5
        shade = middle[numbers] + slope[numbers] * down + 0.08 * self.light_from * right
        shade -= bend_x[numbers] * (right - 0.22 * self.light_from) ** 2
        shade -= bend_y[numbers] * (down + 0.15) ** 2
        result: Floats = np.maximum(shade, 0.25)
        return result


def _averaged(colors: Floats, fine: NDArray[np.int32]) -> Floats:
    """The color of every pixel as the mean over its fine pixels, (pixels, 3)."""
    # Four bytes a color: one look-up fetches all channels.
    packed = np.zeros((len(colors), 4), dtype=np.uint8)
    packed[:, :3] = np.round(colors * 255)
    picture = Image.frombuffer("RGBX", fine.shape, packed.view(np.uint32)[:, 0][fine].tobytes())
    return np.asarray(picture.reduce(FINE), dtype=np.float32)[..., :3].reshape(-1, 3) / 255


def _outlines(fine: NDArray[np.int32]) -> Floats:
    """The share of every pixel that is the border between two shapes, (pixels,)."""
    border = np.zeros(fine.shape, dtype=np.uint8)
    border[:, 1:] = (fine[:, 1:] != fine[:, :-1]) * np.uint8(255)
    border[1:] |= (fine[1:] != fine[:-1]) * np.uint8(255)
    small = Image.fromarray(border).reduce(FINE)
    return np.asarray(small, dtype=np.float32).ravel() / 255


def _mix(numbers: NDArray[np.int32], looks: Floats, textures: Bytes) -> Floats:
    """How far each pixel goes from its shape's first color to the second, (pixels,)."""
    mix = np.zeros(len(numbers), dtype=np.float32)
    kinds = textures[numbers]
    cosine, sine = np.cos(looks[:, 15]), np.sin(looks[:, 15])
    for kind in np.unique(textures):
        places = np.flatnonzero(kinds == kind)
        shape = numbers[places]
        x = _ALONG[places] - looks[shape, 6]
        y = _DOWN[places] - looks[shape, 7]
        along = x * cosine[shape] + y * sine[shape] + looks[shape, 16]
        across = y * cosine[shape] - x * sine[shape] + looks[shape, 17]
        mix[places] = TEXTURE_FUNCTIONS[_TEXTURE_NAMES[int(kind)]](along, across, looks[shape, 14])
    return mix


@dataclass(frozen=True, slots=True)
class Box:
    """The bounding box of a thing, in pixels of the picture."""

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

    With `mirrored`, the thing faces the other way. Each call names the part it paints.
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
        """A circle; the radius is in heights of the box."""
        across, down = self._place(x, y)
        reach = radius * self.box.height
        corners = [(across - reach, down - reach), (across + reach, down + reach)]
        self.canvas.ellipse(corners, look, look.form, part, self.of)

    def soft(
        self, part: str, x0: float, y0: float, x1: float, y1: float, look: Look, px: float = 3
    ) -> None:
        """A block with corners rounded by `px` pixels, at most half of its sides."""
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
        """A straight bar between two points, `px` pixels thick."""
        (ax, ay), (bx, by) = self._place(x0, y0), self._place(x1, y1)
        length = max(hypot(bx - ax, by - ay), 0.1)
        side_x, side_y = (by - ay) / length * px / 2, (ax - bx) / length * px / 2
        points = [(ax + side_x, ay + side_y), (bx + side_x, by + side_y)]
        points += [(bx - side_x, by - side_y), (ax - side_x, ay - side_y)]
        self.canvas.polygon(points, look, look.form, part, self.of)

    def ring(self, part: str, x: float, y: float, radius: float, px: float, look: Look) -> None:
        """An open circle, drawn as a closed band of bars `px` pixels thick."""
        aspect = self.box.height / self.box.width
        rim = [
            (x + radius * aspect * cos(step * pi / 8), y + radius * sin(step * pi / 8))
            for step in range(17)
        ]
        for (x0, y0), (x1, y1) in zip(rim, rim[1:], strict=False):
            self.bar(part, x0, y0, x1, y1, px, look)

    @property
    def thin(self) -> float:
        """The thickness of a thin bar for a thing of this size, in pixels."""
        return max(1.2, 0.035 * max(self.box.width, self.box.height))
