"""What a surface looks like: two colours, a texture, a form. Drawn from palettes that all share."""

from dataclasses import dataclass, replace
from random import Random

Color = tuple[float, float, float]  # red, green, blue, each from 0 to 1

#: Things of every kind take their colours here, so that a colour says little about a thing.
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
    """Two colours, the texture between them, its pitch (px) and turn (radians), and the form."""

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
    """Materials of one picture: random, but leaves keep to one season."""

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
        """A look of one colour, its second a shade of the first."""
        pitch = self.rng.uniform(3.5, 7.5)
        return Look(color, scaled(color, contrast), texture, pitch_px=pitch)

    def paint(self) -> Look:
        return self.of(self.any_color(), "smooth", 0.9)

    def pale(self) -> Look:
        """Enamel and linen: mostly light, sometimes any colour."""
        light = self.rng.random() < 0.55
        color = self.near(self.rng.choice(PALETTE[:2])) if light else self.any_color()
        return self.of(color, "smooth", 0.92)

    def dark(self) -> Look:
        return self.of(self.near((0.16, 0.16, 0.18), 0.05), "smooth", 0.8)

    def wood(self) -> Look:
        color = self.near(self.rng.choice(WOODS)) if self.rng.random() < 0.6 else self.any_color()
        return self.of(color, self.rng.choice(("wood", "wood", "planks", "smooth")), 0.78)

    def cloth(self) -> Look:
        """Two unrelated colours, in a pattern that may run any of four ways."""
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
