"""Theoretical receptive fields: the pixels that can affect a cell of a layer, by arithmetic.

Along a chain of convolutions and pools, strides multiply and sizes add up (Araujo et al. 2019,
doi:10.23915/distill.00021). Where branches meet (residual, parallel) the field is the hull of
theirs. Fields are computed as if the image went on beyond its border, so all cells of a layer have
one size, which may exceed the image.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dissect.format.tables import RankedImages
from dissect.networks.layer_outputs import blank_input
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.axes import Axis, MapAxes, map_axes
from dissect.receptive_fields.incremental.trace import Trace, record_trace


@dataclass(frozen=True)
class Field:
    """The theoretical receptive fields of a layer's cells.

    Attributes:
        rows, columns: along each side the first pixel of cell 0's field, the pixels between cells,
            and the size in pixels.
        whole: the field is the whole image, as arithmetic does not bound it (attention,
            squeeze-excite, global pooling, linear layers).
    """

    rows: Axis
    columns: Axis
    whole: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.pixels, self.columns.pixels

    def centre(self, y: int, x: int) -> tuple[float, float]:
        """The middle of a cell's field: row and column in pixels of the network's view.

        Pixel 0 spans 0 to 1.
        """
        return self.rows.middle(y), self.columns.middle(x)

    def facts(self) -> dict[str, Any]:
        """The field as JSON: {"size", "stride", "whole"}.

        A size or stride is a number where height and width agree, otherwise a pair. A whole field
        has the image's size and a stride of None.
        """
        stride = (_number(self.rows.stride), _number(self.columns.stride))
        return {
            "size": _single_or_pair(self.size),
            "stride": None if self.whole else _single_or_pair(stride),
            "whole": self.whole,
        }

    def __str__(self) -> str:
        return format_field_size(self.facts())


def format_field_size(facts: Mapping[str, Any]) -> str:
    """The size of a theoretical field as text: "67", "67x35" or "whole image"."""
    if facts["whole"]:
        return "whole image"
    size = facts["size"]
    return str(size) if isinstance(size, int) else f"{size[0]}x{size[1]}"


def _single_or_pair(pair: tuple[Any, Any]) -> Any:
    return pair[0] if pair[0] == pair[1] else list(pair)


def _number(value: Fraction | int) -> int | float:
    return int(value) if Fraction(value).denominator == 1 else float(value)


def theoretical_fields(network: Network, layers: Sequence[str]) -> dict[str, Field]:
    """The theoretical field of each layer, from one forward of a blank image.

    >>> theoretical_fields(load_network("torchvision:alexnet"), ["features.12"])["features.12"].size
    (195, 195)

    Returns:
        By layer the field, its size (height, width) and stride in px.

    Raises:
        UnknownLayer, UnsupportedLayer: a layer has no units.

    Source:
        Araujo et al. 2019, doi:10.23915/distill.00021.
    """
    infos = layer_infos(network, layers)
    trace = record_trace(network, blank_input(network)[0], [info.name for info in infos])
    axes = map_axes(trace.steps)
    fields = {}
    for info in infos:
        ref = trace.layers.get(info.name)
        layer_axes = axes[ref.step] if ref else None
        fields[info.name] = _field(layer_axes, trace, info.map_size)
    return fields


def _field(axes: MapAxes | None, trace: Trace, map_size: tuple[int, int]) -> Field:
    if axes is not None and axes.grid == map_size:
        return Field(axes.rows, axes.columns)
    sides = trace.steps[0].values[0].shape[-2:]
    rows, columns = (_whole(*side) for side in zip(sides, map_size, strict=True))
    return Field(rows, columns, whole=True)


def _whole(side: int, cells: int) -> Axis:
    """Fields of the whole side, each centered on the cell's share of it."""
    stride = Fraction(side, cells)
    return Axis((stride - side) / 2, stride, side)


def peak_shares(field: Field, top: RankedImages, crop: int) -> NDArray[np.float32]:
    """Where the theoretical fields of peak cells lie: middles, (y, x), in shares of the view.

    The middle of a border cell's theoretical field may lie outside; the nearest place in the view
    stands for it.

    Returns:
        (units, ranks, 2).
    """
    rows, columns = (
        np.array([axis.middle(cell) for cell in range(int(cells.max(initial=0)) + 1)])[cells]
        for axis, cells in ((field.rows, top.y), (field.columns, top.x))
    )
    shares = np.stack([rows, columns], axis=-1) / crop
    return shares.clip(0, 1).astype(np.float32)
