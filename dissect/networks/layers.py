"""The layers of a network: their names, types, unit counts and map sizes."""

from collections.abc import Iterable
from dataclasses import dataclass

from dissect.errors import BadSetting, UnsupportedLayer
from dissect.networks.axes.layouts import Layout
from dissect.networks.layer_outputs import (
    blank_input,
    call_name,
    forward,
    layout_of_layer,
    layouts_of,
    module_and_call,
    recording,
)
from dissect.networks.registry import Network


@dataclass(frozen=True)
class LayerInfo:
    """A layer, for images of the network's input size.

    Attributes:
        name: torch's dotted module path.
        type: the module's class.
        unit_count: output channels, or directions where the layer has some.
        map_size: height and width of one unit's activation map.
    """

    name: str
    type: str
    unit_count: int
    map_size: tuple[int, int]


def list_layers(network: Network) -> list[LayerInfo]:
    """List all layers with units of a network, in the order in which they run.

    A module that runs several times is several layers. Modules whose output is not one tensor of
    units are left out; `layouts_of` says why.

    Raises:
        BadSetting: the network cannot take images of its input size.
    """
    modules = dict(network.model.named_modules())
    return [
        LayerInfo(
            name,
            type(modules[module_and_call(network, name)[0]]).__name__,
            layout.unit_count,
            layout.grid,
        )
        for name, layout in layouts_of(network).items()
        if isinstance(layout, Layout)
    ]


def layer_infos(network: Network, layers: Iterable[str]) -> list[LayerInfo]:
    """Look up layers by name, in the order of the names; each counts once.

    One forward of a blank image tells; the network remembers it.

    Raises:
        UnknownLayer: the network has no layer of that name.
        UnsupportedLayer: a layer has no units, or does not run at all.
        BadSetting: what `network.axes` says contradicts what the network tells of each layer.
    """
    names = list(dict.fromkeys(layers))
    modules = dict(network.model.named_modules())
    if not network.map_shapes.keys() >= set(names):
        network.map_shapes.update(_map_shapes(network, names))
    _check_axis_options(network, names)
    infos = []
    for name in names:
        units, height, width = network.map_shapes[name]
        kind = type(modules[module_and_call(network, name)[0]]).__name__
        infos.append(LayerInfo(name, kind, units, (height, width)))
    return infos


def _map_shapes(network: Network, names: list[str]) -> dict[str, tuple[int, int, int]]:
    with recording(network, names, stop_early=True) as maps:
        forward(network, blank_input(network))
    for name in names:
        if name not in maps:
            raise UnsupportedLayer(f"Layer {name!r} runs in some forwards only.")
    return {
        name: (of_layer.shape[1], of_layer.shape[2], of_layer.shape[3])
        for name, of_layer in maps.items()
    }


def in_running_order(network: Network, layers: Iterable[str]) -> tuple[str, ...]:
    """Names of layers in the order in which they run, each once: the last is the deepest.

    Raises:
        UnknownLayer: the network has no layer of that name.
    """
    places = {name: place for place, name in enumerate(layouts_of(network))}
    return tuple(
        sorted(
            dict.fromkeys(layers),
            key=lambda name: places[call_name(*module_and_call(network, name))],
        )
    )


def _check_axis_options(network: Network, names: list[str]) -> None:
    """Refuse options that none of the layers needs, and that hold for none of them."""
    layouts = {name: layout_of_layer(network, name) for name in names}
    if not names or any(
        layout.by_options or layout.agrees(network.axes) for layout in layouts.values()
    ):
        return
    name, layout = next(iter(layouts.items()))
    raise BadSetting(
        f"Layer {name!r} has {layout.text}, as the network itself tells; leave out "
        f"{network.axes.text}, which says otherwise."
    )
