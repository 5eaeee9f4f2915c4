"""The layers of a network: units, maps, receptive fields, and what their output comes after."""

from collections.abc import Mapping
from dataclasses import dataclass

from dissect.errors import UnsupportedLayer
from dissect.front_door.arguments import AnyNetwork, opened
from dissect.front_door.results import Result, Row, counted
from dissect.networks.layer_outputs import layouts_of
from dissect.networks.layers import list_layers
from dissect.receptive_fields.nonlinearities import (
    describe_output,
    nonlinearities,
    suggested_layers,
)
from dissect.receptive_fields.theoretical import Field, theoretical_fields


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        type: the module's class.
        unit_count: output channels.
        map_size: height and width of an activation map, in cells.
        field: its theoretical receptive field, in px.
        after: the nonlinearity that its output comes after; "" is a linear output, None unknown.
        is_suggested: whether its units are worth asking people about.
    """

    name: str
    type: str
    unit_count: int
    map_size: tuple[int, int]
    field: Field
    after: str | None
    is_suggested: bool


@dataclass(frozen=True, repr=False)
class Layers(Result):
    """The layers of a network that have units, in the order in which they run.

    Attributes:
        network: its SPEC, or its class.
        fed: what the network is fed, in words: how an image is prepared, and the type of numbers.
        layers: by name; a module that runs twice is two layers, relu and relu:1.
        left_out: the modules without units, each with the reason.
    """

    network: str
    fed: str
    layers: Mapping[str, Layer]
    left_out: Mapping[str, str]

    @property
    def suggested(self) -> list[str]:
        """The names of the layers whose units are worth asking people about."""
        return [layer.name for layer in self.layers.values() if layer.is_suggested]

    def rows(self) -> list[Row]:
        return [
            {"layer": one.name, "type": one.type, "units": one.unit_count,
             "map": "x".join(map(str, one.map_size)), "field": str(one.field),
             "output": describe_output(one.after), "suggested": one.is_suggested}
            for one in self.layers.values()
        ]  # fmt: skip

    def summary(self) -> str:
        return f"{counted(len(self.layers), 'layer')} of {self.network}, fed: {self.fed}"


def layers(network: AnyNetwork) -> Layers:
    """In a notebook or script, list a network's layers, and what its images are prepared as.

    >>> small = layers("dissect.demo.networks:scene_0")
    >>> small.layers["relu3"].unit_count, small.layers["relu3"].map_size
    (64, (8, 8))
    >>> small.suggested[:2]
    ['relu1', 'relu2']

    Args:
        network: a SPEC, a `Network`, or an nn.Module whose forward takes (images, channels,
            height, width).

    Returns:
        By name their units, map sizes (height, width) in cells, and theoretical receptive fields
        (height, width) in px; layers after a nonlinearity with maps of more than one cell are
        suggested.

    Raises:
        UnknownNetwork, UnreadableWeights: the network cannot be made.
        BadSetting: the network does not take the images that its attributes describe.

    Source:
        Theoretical fields: Araujo et al. 2019, doi:10.23915/distill.00021. Linear outputs have no
        zero and are harder to name: Sandler et al. 2018, arXiv:1801.04381.
    """
    with opened(network) as (own, _):
        infos = list_layers(own)
        names = [info.name for info in infos]
        fields, after = theoretical_fields(own, names), nonlinearities(own, names)
        suggested = suggested_layers(own, infos)
        layouts = layouts_of(own)
    rows = (
        Layer(one.name, one.type, one.unit_count, one.map_size, fields[one.name], after[one.name],
              one.name in suggested)
        for one in infos
    )  # fmt: skip
    return Layers(
        network=own.spec,
        fed=f"{own.preprocessing.text}, {str(own.dtype).removeprefix('torch.')}",
        layers={row.name: row for row in rows},
        left_out={
            name: str(layout)
            for name, layout in layouts.items()
            if isinstance(layout, UnsupportedLayer)
        },
    )
