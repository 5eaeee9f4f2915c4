"""What a user says about layers whose network does not tell which axis holds what."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dissect.errors import BadSetting

AXIS_OPTIONS: dict[str, dict[str, Any]] = {  # of every command that loads a network, for argparse
    "--grid": {
        "metavar": "HxW",
        "help": "rows x columns of tokens, where the network does not tell how they lie: 8x4",
    },
    "--tokens-before": {
        "type": int,
        "metavar": "N",
        "help": "with --grid: other tokens (class, registers) before those of the grid",
    },
    "--channels-first-axis": {
        "action": "store_const",
        "const": "first",
        "dest": "channels_axis",
        "help": "units lie along the first axis after the images, where the network does not tell",
    },
    "--channels-last-axis": {
        "action": "store_const",
        "const": "last",
        "dest": "channels_axis",
        "help": "units lie along the last axis, where the network does not tell",
    },
}


@dataclass(frozen=True)
class AxisOptions:
    """The axes of layers that do not tell theirs.

    Attributes:
        grid: rows and columns of tokens. tokens_before: other tokens before these.
        channels: where the units are: "first", after the images, or "last".

    >>> AxisOptions(grid=(8, 4), tokens_before=5).text
    '--grid 8x4 --tokens-before 5'
    """

    grid: tuple[int, int] | None = None
    tokens_before: int | None = None
    channels: Literal["first", "last"] | None = None

    def __post_init__(self) -> None:
        if self.grid and min(self.grid) < 1:
            raise BadSetting(f"A grid has at least one row and one column, not {self.text}.")
        if self.tokens_before is not None and self.tokens_before < 0:
            raise BadSetting(f"--tokens-before must be at least 0, got {self.tokens_before}.")
        if self.tokens_before is not None and self.grid is None:
            raise BadSetting("--tokens-before goes with --grid HxW, which counts the tokens after.")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "AxisOptions":
        """What the parsed options of a command say, as AXIS_OPTIONS declares them.

        Raises:
            BadSetting: a value is wrong.
        """
        text, grid = options.get("grid"), None
        if text is not None:
            match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", str(text))
            if match is None:
                raise BadSetting(f"--grid takes rows x columns such as 8x4, not {text!r}.")
            grid = (int(match[1]), int(match[2]))
        return cls(grid, options.get("tokens_before"), options.get("channels_axis"))

    @property
    def arguments(self) -> list[str]:
        """The options of a command that say this."""
        words = [f"--grid={self.grid[0]}x{self.grid[1]}"] if self.grid else []
        if self.tokens_before is not None:
            words.append(f"--tokens-before={self.tokens_before}")
        if self.channels:
            words.append(f"--channels-{self.channels}-axis")
        return words

    @property
    def text(self) -> str:
        """The same for people; empty where nothing is said."""
        return " ".join(self.arguments).replace("=", " ")

    def facts(self) -> dict[str, Any]:
        """What is said, as a manifest has it."""
        facts = {name: value for name, value in asdict(self).items() if value is not None}
        return facts | ({"grid": list(self.grid)} if self.grid else {})


NO_AXIS_OPTIONS = AxisOptions()
