"""How a texture runs over a surface: for each pixel, how far it goes from colour one to colour two.

Every texture is a function of x and y, both (pixels,) float32 in pixels of the finished picture
from a random origin of the surface, and of the pitch (pixels,), the distance between two stripes
or bricks in pixels. It returns (pixels,) float32 from 0 (colour one) to 1 (colour two).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]  # float32 wherever it is made here
Texture = Callable[[Floats, Floats, Floats], Floats]

_NOISE_SIZE = 256


def _cut(x: Floats) -> Floats:
    """Values kept between 0 and 1."""
    kept: Floats = np.minimum(np.maximum(x, 0), 1)
    return kept


def _noise(grain_px: float, seed: int) -> Floats:
    """Smooth noise from 0 to 1 that tiles without a seam, (256, 256)."""
    white = np.random.default_rng(seed).standard_normal((_NOISE_SIZE, _NOISE_SIZE))
    frequency = np.fft.fftfreq(_NOISE_SIZE)
    squared = frequency[:, None] ** 2 + frequency[None, :] ** 2
    smooth = np.fft.ifft2(np.fft.fft2(white) * np.exp(-squared * (2.5 * grain_px) ** 2)).real
    return _cut(0.5 + 0.25 * (smooth / smooth.std()).astype(np.float32))


_FINE, _MIDDLE, _COARSE = (_noise(*kind) for kind in ((1.2, 1), (4.0, 2), (14.0, 3)))


def _at(noise: Floats, x: Floats, y: Floats) -> Floats:
    """The noise at places that count in a third of a pixel, so that fine grain survives."""
    row = (y * 3).astype(np.int32) & (_NOISE_SIZE - 1)
    column = (x * 3).astype(np.int32) & (_NOISE_SIZE - 1)
    values: Floats = noise[row, column]
    return values


def _part(x: Floats) -> Floats:
    return x - np.floor(x)


def _soft(distance_px: Floats) -> Floats:
    """0 outside an edge, 1 inside, and in between along one pixel, so that edges are clean."""
    return _cut(distance_px + 0.5)


def _line(x: Floats, pitch: Floats) -> Floats:
    """1 on lines about a pixel wide, one a pitch, else 0."""
    return _cut(1 - np.abs(_part(x / pitch + 0.5) - 0.5) * pitch)


def _smooth(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.3 * _at(_COARSE, x, y)


def _wood(x: Floats, y: Floats, pitch: Floats) -> Floats:
    grain = _at(_COARSE, x * 0.35, y)
    return 0.5 + 0.5 * np.sin((y / pitch + 2.2 * grain) * 6.2832)


def _planks(x: Floats, y: Floats, pitch: Floats) -> Floats:
    board = np.floor(y / (1.6 * pitch))
    tone = _part(board * np.float32(0.618)) * 0.45
    return np.maximum(tone + 0.25 * _at(_MIDDLE, x * 0.2, y), _line(y, 1.6 * pitch))


def _bricks(x: Floats, y: Floats, pitch: Floats) -> Floats:
    row = np.floor(y / pitch)
    shifted = x + row * pitch
    mortar = np.maximum(_line(y, pitch), _line(shifted, 2 * pitch))
    tone = _part(np.floor(shifted / (2 * pitch)) * 0.37 + row * 0.61)
    tone = 0.3 * tone
    return np.maximum(mortar, tone)


def _tiles(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return np.maximum(_line(x, 1.5 * pitch), _line(y, 1.5 * pitch))


def _striped(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _soft((np.abs(_part(x / pitch) - 0.5) - 0.25) * pitch)


def _checked(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.5 * (_striped(x, y, pitch) + _striped(y, x, pitch))


def _dotted(x: Floats, y: Floats, pitch: Floats) -> Floats:
    row = np.floor(y / pitch)
    across = _part(x / pitch + 0.5 * row) - 0.5
    down = _part(y / pitch) - 0.5
    return _soft((0.27 - np.hypot(across, down)) * pitch)


def _knit(x: Floats, y: Floats, pitch: Floats) -> Floats:
    zigzag = np.abs(_part(x / pitch) - 0.5) * pitch
    return 0.8 * _striped(y + zigzag, x, 0.7 * pitch)


def _leaves(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _cut(2.6 * (_at(_MIDDLE, x, y) - 0.32))


def _grass(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _cut(1.8 * (_at(_MIDDLE, x * 2.2, y * 0.6) - 0.25))


def _sand(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return 0.75 * _at(_FINE, x, y) + 0.25 * _at(_COARSE, x, y)


def _waves(x: Floats, y: Floats, pitch: Floats) -> Floats:
    height = np.sin((y / pitch + 1.6 * _at(_COARSE, x, y * 0.5)) * 6.2832)
    return _cut(1.6 * height - 0.5)


def _clouds(x: Floats, y: Floats, pitch: Floats) -> Floats:
    return _cut(2.4 * (_at(_COARSE, x * 0.35, y * 0.8) - 0.42))


def _metal(x: Floats, y: Floats, pitch: Floats) -> Floats:
    sheen = np.exp(-0.5 * ((_part((x + 0.4 * y) / 34) - 0.5) / 0.11) ** 2)
    return _cut(sheen + 0.4 * _at(_FINE, x * 0.1, y) - 0.1)


def _glass(x: Floats, y: Floats, pitch: Floats) -> Floats:
    band = _part((x + y) / 22) * 22
    wide, thin = 2.4 - np.abs(band - 13), 0.8 - np.abs(band - 18)
    return 0.9 * _soft(np.maximum(wide, thin))


def _stone(x: Floats, y: Floats, pitch: Floats) -> Floats:
    vein = np.abs(_at(_MIDDLE, x * 0.6, y * 0.6) - 0.5)
    return _cut(1.1 - 9 * vein) * 0.7 + 0.3 * _at(_FINE, x, y)


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
