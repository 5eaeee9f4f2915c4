"""Lights a painted canvas (brightness, cast, a bright side, grain), and labels what is visible."""

from random import Random

import numpy as np
from PIL import Image

from dissect.demo.canvas import SIZE, Bytes, Painted
from dissect.demo.concepts import COLORS
from dissect.demo.surfaces import Floats

_ACROSS, _DOWN = np.meshgrid(
    np.linspace(-1, 1, SIZE, dtype=np.float32), np.linspace(-1, 1, SIZE, dtype=np.float32)
)


def lit(painted: Painted, rng: Random) -> tuple[Bytes, Bytes]:
    """Light a painted demo canvas at random.

    Returns:
        seen: (128, 128, 3), the picture with camera noise.
        clean: the same without noise, from which colors and lines are labeled.
    """
    brightness = rng.uniform(0.62, 1.12)
    cast = np.array([rng.uniform(0.82, 1.1) for _ in range(3)], dtype=np.float32)
    side_x, side_y = rng.uniform(-0.2, 0.2), rng.uniform(-0.18, 0.1)
    fall = rng.uniform(0.0, 0.16)
    shading = 1 + side_x * _ACROSS + side_y * _DOWN - fall * (_ACROSS**2 + _DOWN**2)
    lighting = (brightness * shading * painted.shadow)[..., None] * cast
    bright = painted.color * lighting * 255
    clean = np.clip(bright, 0, 255).astype(np.uint8)
    grain = np.random.default_rng(rng.getrandbits(32)).standard_normal(
        (SIZE, SIZE, 1), dtype=np.float32
    )
    seen = np.clip(bright + grain * np.float32(rng.uniform(0, 5)), 0, 255).astype(np.uint8)
    return seen, clean


def _color_table() -> Bytes:
    """The basic color name of every color, five bits a channel: (32768,) indices from 1."""
    levels = np.arange(32, dtype=np.uint8) * 8 + 4
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    hsv = np.asarray(Image.fromarray(cube.reshape(1, -1, 3)).convert("HSV"), dtype=np.int32)[0]
    hue, saturation, value = hsv[:, 0] * 360 / 255, hsv[:, 1] / 255, hsv[:, 2] / 255
    chroma = saturation * value
    rules = [  # the first that holds names the color
        ("black", value < 0.17),
        ("white", (chroma < 0.11) & (value > 0.78)),
        ("gray", (chroma < 0.11) | (saturation < 0.13)),
        ("pink", ((hue < 18) | (hue >= 325)) & (value > 0.6) & (saturation < 0.58)),
        ("red", (hue < 12) & (saturation > 0.6)),
        ("brown", ((hue < 46) | (hue >= 350)) & (value < 0.62)),
        ("red", (hue < 14) | (hue >= 345)),
        ("brown", (hue < 46) & (saturation < 0.5) & (value < 0.8)),
        ("orange", hue < 43),
        ("yellow", hue < 68),
        ("green", hue < 165),
        ("blue", hue < 255),
        ("purple", hue < 315),
        ("pink", hue < 361),
    ]
    named = np.zeros(len(hsv), dtype=np.uint8)
    for name, holds in reversed(rules):
        named[holds] = COLORS.index(name) + 1
    return named


_COLOR_NAMES = _color_table()


def color_labels(clean: Bytes) -> Bytes:
    """Label each pixel's basic color as it looks after it was lighted: (128, 128); never 0."""
    coarse = (clean >> 3).astype(np.int32)
    names: Bytes = _COLOR_NAMES[(coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]]
    return names


def _averaged(values: Floats, reach: int = 3) -> Floats:
    """The mean over a square of 2 x reach + 1 pixels."""
    wide = 2 * reach + 1
    summed = np.pad(values, reach + 1, mode="edge").cumsum(0).cumsum(1)
    total = summed[wide:, wide:] - summed[:-wide, wide:] - summed[wide:, :-wide]
    mean: Floats = ((total + summed[:-wide, :-wide]) / wide**2)[:SIZE, :SIZE]
    return mean


def orientation_labels(clean: Bytes) -> Bytes:
    """Label the lit picture's lines: each pixel's direction after lighting, (128, 128), or 0.

    It is that of the structure tensor over 7 x 7 pixels: horizontal 1, vertical 2, rising 3,
    falling 4. Where lines run in many directions it is 0 as well.
    """
    gray = clean.astype(np.float32).mean(axis=2)
    down, across = np.gradient(gray)
    xx, yy, xy = (_averaged(part) for part in (across * across, down * down, across * down))
    strength = np.hypot(xx - yy, 2 * xy)
    gradient = 0.5 * np.arctan2(2 * xy, xx - yy)  # the direction across the line, 0 = to the right
    way = np.round(gradient / (np.pi / 4)).astype(np.int32) % 4
    labels = np.array([2, 3, 1, 4], dtype=np.uint8)[way]
    clear = (strength > 60) & (strength > 0.6 * (xx + yy))
    return np.where(clear, labels, 0).astype(np.uint8)
