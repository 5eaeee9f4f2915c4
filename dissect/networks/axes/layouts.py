"""How the output of a layer is read as maps: (images, units, height, width), whatever its axes.

| output | read as |
|---|---|
| (images, units, height, width), in any order of axes | maps |
| (images, height, width) | maps of one unit |
| (images, units) | maps of one cell |
| (images, tokens, features), in any order | features of the token grid, of any height and width; other tokens (class, registers), first or last, are left out |

The meaning of each axis comes from the forward itself (`tracking`). Where it does not tell, an
option says it, or the layer is refused with a sentence: nothing is guessed from sizes.
"""  # noqa: E501

from dataclasses import dataclass

from torch import Tensor

from dissect.errors import UnsupportedLayer
from dissect.format.axis_options import AxisOptions
from dissect.networks.axes.factors import (
    CHANNEL,
    COLUMN,
    IMAGE,
    MIXED,
    ROW,
    TOKEN,
    Axes,
    Axis,
    kinds_of,
)

WAY_OUT = "--channels-first-axis or --channels-last-axis, and --grid HxW for tokens"


@dataclass(frozen=True)
class Layout:
    """Where images, units and cells are in a layer's output.

    Attributes:
        shape: of the output; that of axis `image` is not fixed.
        image: the axis of images. units: that of units; None where there is a single one.
        cells: the axes of the map, the slowest first; none: maps of one cell.
        grid: the map's height and width. before: other tokens before the cells.
        by_columns: whether the cells lie column by column.
        by_options: whether options were needed to tell.
    """

    shape: tuple[int, ...]
    image: int
    units: int | None
    cells: tuple[int, ...]
    grid: tuple[int, int] = (1, 1)
    before: int = 0
    by_columns: bool = False
    by_options: bool = False

    @property
    def unit_count(self) -> int:
        return 1 if self.units is None else self.shape[self.units]

    def agrees(self, options: AxisOptions) -> bool:
        """Whether what options say holds, where they say something."""
        rest = [axis for axis in range(len(self.shape)) if axis != self.image]
        unit = {"first": rest[0], "last": rest[-1], None: self.units}[options.channels]
        grid_holds = options.grid in (None, self.grid)
        return grid_holds and options.tokens_before in (None, self.before) and unit == self.units

    @property
    def text(self) -> str:
        """What it is, for people: "8 units on 8 x 4 tokens after 5 others"."""
        height, width = self.grid
        units = f"{self.unit_count} unit{'s' * (self.unit_count > 1)}"
        if len(self.cells) == 1 and 1 not in self.grid:
            after = f" after {self.before} others" if self.before else ""
            return f"{units} on {height} x {width} tokens{after}"
        return f"{units} on maps of {height} x {width}"

    @property
    def is_plain(self) -> bool:
        """Whether the output is (images, units, height, width) already."""
        return (self.image, self.units, self.cells) == (0, 1, (2, 3)) and not self.by_columns

    def maps(self, output: Tensor, layer: str) -> Tensor:
        """The maps in a layer's output: (images, units, height, width), a view where possible.

        Raises:
            UnsupportedLayer: the output has another shape than the layout was made for.
        """
        shape = list(output.shape)
        if len(shape) != len(self.shape) or any(
            size != expected
            for axis, (size, expected) in enumerate(zip(shape, self.shape, strict=True))
            if axis != self.image
        ):
            raise UnsupportedLayer(
                f"Layer {layer!r} puts out {shape_text(shape, self.image)} for some images and "
                f"{shape_text(self.shape, self.image)} for others, so its units have no one map."
            )
        if self.is_plain:
            return output
        used = [self.image, *([] if self.units is None else [self.units]), *self.cells]
        order = [*used, *(axis for axis in range(len(shape)) if axis not in used)]  # those are 1
        values = output.permute(order).reshape(shape[self.image], self.unit_count, -1)
        height, width = self.grid
        values = values[:, :, self.before : self.before + height * width]
        if self.by_columns:
            return values.reshape(*values.shape[:2], width, height).transpose(2, 3)
        return values.reshape(*values.shape[:2], height, width)


def shape_text(shape: list[int] | tuple[int, ...], image: int = 0) -> str:
    """The shape of a layout in words: "(images, 4, 7, 14)"."""
    words = ["images" if axis == image else str(size) for axis, size in enumerate(shape)]
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


def layout_of(
    axes: Axes | None, shape: tuple[int, ...], layer: str, options: AxisOptions
) -> Layout:
    """The layout of a layer's output: which of its axes are images, units and cells.

    Args:
        axes: of the output; None where it does not come from the images. shape: its sizes.

    Raises:
        UnsupportedLayer: it has no units, or neither its forward nor options tell its axes.
    """
    if axes is None:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {shape}, which does not come from the images as far as its "
            "operations show."
        )
    images = [place for place, axis in enumerate(axes) if kinds_of(axis) == {IMAGE}]
    if len(images) != 1 or any(IMAGE in kinds_of(axis) for axis in axes if axis != axes[images[0]]):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {tuple(shape)} for {_image_count(axes)} images, which is "
            "not one row for each; choose a layer around it."
        )
    (image,) = images
    if len(axes) == 1:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out one number for each image; units need (images, units), "
            "(images, units, height, width) or (images, tokens, features)."
        )
    if layout := _layout_by_axes(axes, shape, image):
        return layout
    return _layout_by_options(axes, shape, image, layer, options)


def _image_count(axes: Axes) -> int:
    return next((f.size for axis in axes for f in axis if f.kind == IMAGE), 1)


def _layout_by_axes(axes: Axes, shape: tuple[int, ...], image: int) -> Layout | None:
    """The layout that the axes tell; None where they do not."""
    others = [place for place in range(len(axes)) if shape[place] > 1 and place != image]
    units = [place for place in others if CHANNEL in kinds_of(axes[place])]
    cells = tuple(place for place in others if place not in units)
    grid = _grid([axes[place] for place in cells])
    if len(axes) == 2 and (not cells or grid is None):
        return Layout(shape, image, 1 - image, ())
    if len(units) > 1 or grid is None:
        return None
    size, before, by_columns = grid
    return Layout(shape, image, units[0] if units else None, cells, size, before, by_columns)


def _grid(cells: list[Axis]) -> tuple[tuple[int, int], int, bool] | None:
    """Height and width, other tokens before the cells, and whether columns come first."""
    before = 0
    if len(cells) == 1 and len(cells[0]) == 1 and cells[0][0].kind == TOKEN:
        before, cells = cells[0][0].before, [cells[0][0].cells]
    factors = [factor for axis in cells for factor in axis if factor.size > 1]
    if not all(factor.is_outermost for factor in factors):
        return None
    sizes = [factor.size for factor in factors]
    match [factor.kind for factor in factors]:
        case []:
            return (1, 1), before, False
        case ["row"]:
            return (sizes[0], 1), before, False
        case ["column"]:
            return (1, sizes[0]), before, False
        case ["row", "column"]:
            return (sizes[0], sizes[1]), before, False
        case ["column", "row"]:
            return (sizes[1], sizes[0]), before, True
    return None


def _layout_by_options(
    axes: Axes, shape: tuple[int, ...], image: int, layer: str, options: AxisOptions
) -> Layout:
    """The layout that options tell."""
    rest = [place for place in range(len(shape)) if place != image]
    known = [place for place in rest if CHANNEL in kinds_of(axes[place])]
    if len(rest) not in (2, 3):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {shape_text(shape, image)}; units need (images, units), "
            "(images, units, height, width) or (images, tokens, features)."
        )
    pieces = {ROW, COLUMN, TOKEN, IMAGE}
    if any(kinds_of(axes[place]) & pieces for place in rest) or len(known) > 1:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {shape_text(shape, image)}: windows of a map, or units on "
            "two axes; choose a layer around it."
        )
    if options.channels:
        unit = rest[0] if options.channels == "first" else rest[-1]
    elif len(known) == 1 and len(rest) == 2:
        unit = known[0]
    else:
        raise _cannot_tell(layer, shape, image, "which axis holds its units", WAY_OUT)
    cells = tuple(place for place in rest if place != unit)
    if len(cells) == 2:
        grid = (shape[cells[0]], shape[cells[1]])
        return Layout(shape, image, unit, cells, grid, by_options=True)
    if options.grid is None and MIXED in kinds_of(axes[cells[0]]):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {shape_text(shape, image)}: {shape[cells[0]]} learned "
            "mixtures of tokens, which have no place in the image. Choose the block around it. "
            "Only where a mixture stands for each token, in their order, say --grid HxW."
        )
    grid, before = _token_grid(shape, image, cells[0], layer, options)
    return Layout(shape, image, unit, cells, grid, before, by_options=True)


def _token_grid(
    shape: tuple[int, ...], image: int, tokens: int, layer: str, options: AxisOptions
) -> tuple[tuple[int, int], int]:
    """Height and width that options give to the tokens, and the number of others before them.

    Args:
        image, tokens: the axes of images and of tokens.
    """
    count, before = shape[tokens], options.tokens_before or 0
    if options.grid is None:
        what = f"how its {count} tokens lie in the image"
        raise _cannot_tell(
            layer, shape, image, what, "--grid HxW, and --tokens-before N for others before them"
        )
    height, width = options.grid
    if (options.tokens_before is None and height * width != count) or (
        before + height * width > count
    ):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {count} tokens, not {options.text}: "
            f"{before} + {height} x {width}. Say --grid HxW, and --tokens-before N where other "
            "tokens come first or last."
        )
    return (height, width), before


def _cannot_tell(
    layer: str, shape: tuple[int, ...], image: int, what: str, way_out: str
) -> UnsupportedLayer:
    return UnsupportedLayer(
        f"Layer {layer!r} puts out {shape_text(shape, image)}, and the network does not tell "
        f"{what}: say {way_out}."
    )
