"""Theoretical receptive fields: the pixels that could reach a unit's cell, by arithmetic.

Sizes and strides multiply and add along a chain of convolutions and pools; where branches meet
(residual, parallel) the field is the hull of theirs. Both sides are counted as if the image went
on beyond its border, so that the size is the same for every cell and may exceed the image.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dissect.networks.layers import blank_input, layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.axes import Axis, MapAxes, map_axes
from dissect.receptive_fields.incremental.trace import Trace, record_trace


@dataclass(frozen=True)
class Field:
    """The theoretical receptive field of a layer's cells, along rows and along columns.

    Attributes:
        rows, columns: first pixel of cell 0's field, pixels between cells, size in pixels.
        whole: nothing bounds it by arithmetic (attention, squeeze-excite, global pooling, linear
            layers): the field is the whole image.
    """

    rows: Axis
    columns: Axis
    whole: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.pixels, self.columns.pixels

    def centre(self, y: int, x: int) -> tuple[float, float]:
        """The middle of a cell's field, in pixels of the network's view; pixel 0 spans 0 to 1."""
        return self.rows.middle(y), self.columns.middle(x)

    def facts(self) -> dict[str, Any]:
        """{"size", "stride", "whole"}: numbers where height and width agree, else pairs.

        A whole field has the image's size and no stride.
        """
        stride = (_number(self.rows.stride), _number(self.columns.stride))
        return {
            "size": _one(self.size),
            "stride": None if self.whole else _one(stride),
            "whole": self.whole,
        }

    def __str__(self) -> str:
        return format_field_size(self.facts())


def format_field_size(facts: Mapping[str, Any]) -> str:
    """What `Field.facts` says of a size, in a word."""
    size = facts["size"]
    words = str(size) if isinstance(size, int) else f"{size[0]}x{size[1]}"
    return "whole image" if facts["whole"] else words


def _one(pair: tuple[Any, Any]) -> Any:
    return pair[0] if pair[0] == pair[1] else list(pair)


def _number(value: Fraction | int) -> int | float:
    return int(value) if Fraction(value).denominator == 1 else float(value)


def theoretical_fields(network: Network, layers: Sequence[str]) -> dict[str, Field]:
    """The theoretical field of each layer, from one forward of a blank image.

    >>> theoretical_fields(load_network("torchvision:alexnet"), ["features.12"])["features.12"].size
    (195, 195)

    Raises:
        UnknownLayer, UnsupportedLayer: a layer has no units.
    """
    infos = layer_infos(network, layers)
    tape = record_trace(network, blank_input(network)[0], [info.name for info in infos])
    spreads = map_axes(tape.steps)
    found = {}
    for info in infos:
        ref = tape.layers.get(info.name)
        spread = spreads[ref.step] if ref else None
        found[info.name] = _field(spread, tape, info.map_size)
    return found


def _field(spread: MapAxes | None, tape: Trace, map_size: tuple[int, int]) -> Field:
    if spread is not None and spread.grid == map_size:
        return Field(spread.rows, spread.columns)
    sides = tape.steps[0].values[0].shape[-2:]
    rows, columns = (_whole(*side) for side in zip(sides, map_size, strict=True))
    return Field(rows, columns, whole=True)


def _whole(side: int, cells: int) -> Axis:
    """Every cell sees all of a side; its middle is that of its share of the side."""
    stride = Fraction(side, cells)
    return Axis((stride - side) / 2, stride, side)
