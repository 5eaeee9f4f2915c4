"""The surfaces of things: two colors, a texture that mixes them, and a form.

Looks draws a picture's surfaces from palettes that all kinds of things share, so that a color says
little about a thing.

A texture says how far each pixel goes from color one to color two. It is a function of x and y,
both (pixels,) float32 in pixels of the finished picture from a random origin of the surface, and of
the pitch (pixels,), the distance between two stripes or bricks in pixels. It returns (pixels,)
float32 from 0 (color one) to 1 (color two).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Color = tuple[float, float, float]  # red, green, blue, each from 0 to 1

#: Colors that things of every kind have.
PALETTE: tuple[Color, ...] = (
    (0.93, 0.92, 0.90), (0.90, 0.84, 0.70), (0.62, 0.62, 0.62), (0.25, 0.26, 0.29),
    (0.78, 0.18, 0.16), (0.90, 0.47, 0.15), (0.90, 0.74, 0.22), (0.52, 0.55, 0.22),
    (0.25, 0.55, 0.28), (0.17, 0.52, 0.52), (0.27, 0.52, 0.80), (0.18, 0.25, 0.50),
    (0.48, 0.27, 0.55), (0.88, 0.55, 0.62), (0.55, 0.33, 0.18), (0.66, 0.80, 0.88),
)  # fmt: skip
WOODS: tuple[Color, ...] = ((0.80, 0.62, 0.40), (0.62, 0.42, 0.24), (0.40, 0.26, 0.16))
GLASSES: tuple[Color, ...] = ((0.45, 0.62, 0.72), (0.25, 0.33, 0.40), (0.75, 0.80, 0.80))
#: Leaves and grass follow the season: summer twice, autumn, blossom, dry, winter.
SEASONS: tuple[tuple[Color, ...], ...] = (
    ((0.22, 0.46, 0.18), (0.36, 0.56, 0.22), (0.16, 0.38, 0.24)),
    ((0.32, 0.52, 0.16), (0.20, 0.42, 0.28), (0.45, 0.60, 0.25)),
    ((0.80, 0.44, 0.14), (0.72, 0.24, 0.14), (0.82, 0.64, 0.20)),
    ((0.86, 0.58, 0.66), (0.92, 0.80, 0.82), (0.46, 0.62, 0.34)),
    ((0.68, 0.58, 0.30), (0.52, 0.44, 0.26), (0.60, 0.60, 0.34)),
    ((0.84, 0.88, 0.92), (0.62, 0.68, 0.70), (0.34, 0.44, 0.42)),
)
CLOTHS = ("smooth", "striped cloth", "checked cloth", "dotted cloth", "knit")


@dataclass(frozen=True, slots=True)
class Look:
    """Two colors, the texture between them, its pitch (px) and turn (radians), and the form."""

    color: Color
    other: Color
    texture: str = "smooth"
    form: str = "flat front"
    pitch_px: float = 5.0
    turn: float = 0.0

    def shaped(self, form: str) -> "Look":
        return replace(self, form=form)

    def darker(self, factor: float = 0.75) -> "Look":
        return replace(self, color=scaled(self.color, factor), other=scaled(self.other, factor))


def scaled(color: Color, factor: float) -> Color:
    red, green, blue = (min(1.0, max(0.0, channel * factor)) for channel in color)
    return (red, green, blue)


class Looks:
    """Draws the surfaces of one picture at random; all its plants are of one season."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.season = rng.choice(SEASONS)

    def near(self, color: Color, spread: float = 0.07) -> Color:
        red, green, blue = (
            min(1.0, max(0.0, channel + self.rng.uniform(-spread, spread))) for channel in color
        )
        return (red, green, blue)

    def any_color(self) -> Color:
        return self.near(self.rng.choice(PALETTE))

    def of(self, color: Color, texture: str, contrast: float = 0.72) -> Look:
        """A look of one color, its second a shade of the first."""
        pitch = self.rng.uniform(3.5, 7.5)
        return Look(color, scaled(color, contrast), texture, pitch_px=pitch)

    def paint(self) -> Look:
        return self.of(self.any_color(), "smooth", 0.9)

    def pale(self) -> Look:
        """Enamel and linen: mostly light, sometimes any color."""
        light = self.rng.random() < 0.55
        color = self.near(self.rng.choice(PALETTE[:2])) if light else self.any_color()
        return self.of(color, "smooth", 0.92)

    def dark(self) -> Look:
        return self.of(self.near((0.16, 0.16, 0.18), 0.05), "smooth", 0.8)

    def wood(self) -> Look:
        color = self.near(self.rng.choice(WOODS)) if self.rng.random() < 0.6 else self.any_color()
        return self.of(color, self.rng.choice(("wood", "wood", "planks", "smooth")), 0.78)

    def cloth(self) -> Look:
        """Two unrelated colors, in a pattern with one of four directions."""
        return Look(
            self.any_color(),
            self.any_color(),
            self.rng.choice(CLOTHS),
            pitch_px=self.rng.uniform(4.5, 9.0),
            turn=self.rng.choice((0.0, 0.7854, 1.5708, 2.3562)),
        )

    def metal(self) -> Look:
        gray = self.rng.random() < 0.5
        color = self.near((0.55, 0.57, 0.60)) if gray else scaled(self.any_color(), 0.85)
        return Look(color, self.near((0.88, 0.89, 0.90), 0.04), "metal")

    def glass(self) -> Look:
        color = self.near(self.rng.choice(GLASSES))
        return Look(color, scaled(color, 1.35), "glass")

    def leaves(self) -> Look:
        color = self.near(self.rng.choice(self.season))
        return self.of(color, "leaves", 0.55).shaped("leafy mass")

    def stone(self) -> Look:
        return self.of(self.near(self.rng.choice(PALETTE[:4] + WOODS)), "stone", 0.7)


Floats = NDArray[np.floating[Any]]  # float32 wherever it is made here
Texture = Callable[[Floats, Floats, Floats], Floats]

_NOISE_SIZE = 256


def _clip(x: Floats) -> Floats:
    """Values clipped to 0 and 1."""
    clipped: Floats = np.minimum(np.maximum(x, 0), 1)
    return clipped


def _noise(grain_px: float, seed: int) -> Floats:
    """Smooth noise from 0 to 1 that tiles seamlessly, (256, 256)."""
    white = np.random.default_rng(seed).standard_normal((_NOISE_SIZE, _NOISE_SIZE))
    frequency = np.fft.fftfreq(_NOISE_SIZE)
    squared = frequency[:, None] ** 2 + frequency[None, :] ** 2
    smooth = np.fft.ifft2(np.fft.fft2(white) * np.exp(-squared * (2.5 * grain_px) ** 2)).real
    return _clip(0.5 + 0.25 * (smooth / smooth.std()).astype(np.float32))


_FINE, _MIDDLE, _COARSE = (_noise(*kind) for kind in ((1.2, 1), (4.0, 2), (14.0, 3)))


def _at(noise: Floats, x: Floats, y: Floats) -> Floats:
    """The noise at positions rounded to a third of a pixel, which keeps the fine grain."""
    row = (y * 3).astype(np.int32) & (_NOISE_SIZE - 1)
    column = (x * 3).astype(np.int32) & (_NOISE_SIZE - 1)
    values: Floats = noise[row, column]
    return values


def _fraction(x: Floats) -> Floats:
    return x - np.floor(x)


def _soft(distance_px: Floats) -> Floats:
    """0 outside an edge, 1 inside, with a ramp of one pixel between, for smooth edges."""
    return _clip(distance_px + 0.5)


def _line(x: Floats, pitch: Floats) -> Floats:
    """1 on lines about a pixel wide, spaced by the pitch, else 0."""
    return _clip(1 - np.abs(_fraction(x / pitch + 0.5) - 0.5) * pitch)


def _smooth(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.3 * _at(_COARSE, x, y)


def _wood(x: Floats, y: Floats, pitch: Floats) -> Floats:
    grain = _at(_COARSE, x * 0.35, y)
    return 0.5 + 0.5 * np.sin((y / pitch + 2.2 * grain) * 6.2832)


def _planks(x: Floats, y: Floats, pitch: Floats) -> Floats:
    board = np.floor(y / (1.6 * pitch))
    tone = _fraction(board * np.float32(0.618)) * 0.45
    return np.maximum(tone + 0.25 * _at(_MIDDLE, x * 0.2, y), _line(y, 1.6 * pitch))


def _bricks(x: Floats, y: Floats, pitch: Floats) -> Floats:
    row = np.floor(y / pitch)
    shifted = x + row * pitch
    mortar = np.maximum(_line(y, pitch), _line(shifted, 2 * pitch))
    tone = _fraction(np.floor(shifted / (2 * pitch)) * 0.37 + row * 0.61)
    tone = 0.3 * tone
    return np.maximum(mortar, tone)


def _tiles(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return np.maximum(_line(x, 1.5 * pitch), _line(y, 1.5 * pitch))


def _striped(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _soft((np.abs(_fraction(x / pitch) - 0.5) - 0.25) * pitch)


def _checked(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.5 * (_striped(x, y, pitch) + _striped(y, x, pitch))


def _dotted(x: Floats, y: Floats, pitch: Floats) -> Floats:
    row = np.floor(y / pitch)
    across = _fraction(x / pitch + 0.5 * row) - 0.5
    down = _fraction(y / pitch) - 0.5
    return _soft((0.27 - np.hypot(across, down)) * pitch)


def _knit(x: Floats, y: Floats, pitch: Floats) -> Floats:
    zigzag = np.abs(_fraction(x / pitch) - 0.5) * pitch
    return 0.8 * _striped(y + zigzag, x, 0.7 * pitch)


def _leaves(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _clip(2.6 * (_at(_MIDDLE, x, y) - 0.32))


def _grass(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _clip(1.8 * (_at(_MIDDLE, x * 2.2, y * 0.6) - 0.25))


def _sand(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.75 * _at(_FINE, x, y) + 0.25 * _at(_COARSE, x, y)


def _waves(x: Floats, y: Floats, pitch: Floats) -> Floats:
    height = np.sin((y / pitch + 1.6 * _at(_COARSE, x, y * 0.5)) * 6.2832)
    return _clip(1.6 * height - 0.5)


def _clouds(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _clip(2.4 * (_at(_COARSE, x * 0.35, y * 0.8) - 0.42))


def _metal(x: Floats, y: Floats, pitch: Floats) -> Floats:
    sheen = np.exp(-0.5 * ((_fraction((x + 0.4 * y) / 34) - 0.5) / 0.11) ** 2)
    return _clip(sheen + 0.4 * _at(_FINE, x * 0.1, y) - 0.1)


def _glass(x: Floats, y: Floats, pitch: Floats) -> Floats:
    band = _fraction((x + y) / 22) * 22
    wide, thin = 2.4 - np.abs(band - 13), 0.8 - np.abs(band - 18)
    return 0.9 * _soft(np.maximum(wide, thin))


def _stone(x: Floats, y: Floats, pitch: Floats) -> Floats:
    vein = np.abs(_at(_MIDDLE, x * 0.6, y * 0.6) - 0.5)
    return _clip(1.1 - 9 * vein) * 0.7 + 0.3 * _at(_FINE, x, y)


def _hide(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _soft(14 * (_at(_COARSE, x * 0.8, y * 0.8) - 0.54))


#: By the names of concepts.TEXTURES.
TEXTURE_FUNCTIONS: dict[str, Texture] = {
    "smooth": _smooth,
    "wood": _wood,
    "planks": _planks,
    "bricks": _bricks,
    "tiles": _tiles,
    "striped cloth": _striped,
    "checked cloth": _checked,
    "dotted cloth": _dotted,
    "knit": _knit,
    "leaves": _leaves,
    "grass": _grass,
    "sand": _sand,
    "waves": _waves,
    "clouds": _clouds,
    "metal": _metal,
    "glass": _glass,
    "stone": _stone,
    "hide": _hide,
}
