"""The weights of convolutions, and how noisy they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image
from torch import Tensor

from dissect.analyses.filter_noise import FilterNoise, filter_noise, random_filters
from dissect.analyses.filter_weights import (
    convolution,
    filter_sheet,
    filters_of,
    first_convolution,
    sees_colours,
)
from dissect.front_door.arguments import AnyNetwork, layer_names, opened, units_of
from dissect.front_door.results import Result, Row, counted, drawn
from dissect.render.contact_sheets import ContactSheet


@dataclass(frozen=True)
class LayerFilters:
    """The filters of one convolution.

    Attributes:
        units: the requested units.
        weights: (filters of the layer, channels of its group, height, width) float32.
        random: weights of a random initialization (seed 0).
        noise: of all filters of the layer. `fine` is None if filters are smaller than 5 x 5 px,
            `rough` if they are smaller than 2 x 2 px.
        in_colour: whether the channels are the image's red, green and blue.
    """

    units: tuple[int, ...]
    weights: Tensor = field(repr=False)
    random: Tensor = field(repr=False)
    noise: FilterNoise = field(repr=False)
    in_colour: bool


@dataclass(frozen=True, repr=False)
class Filters(Result):
    """The filters of some convolutions of a network, by the names of their layers."""

    network: str
    layers: Mapping[str, LayerFilters]

    def rows(self) -> list[Row]:
        return [
            {"layer": name, "unit": unit, "largest": float(one.weights[unit].abs().max()),
             "noise": float(fine.share[unit]) if fine else None,
             "roughness": float(rough.share[unit]) if rough else None}
            for name, one in self.layers.items()
            for fine, rough in [(one.noise.fine, one.noise.rough)]
            for unit in one.units
        ]  # fmt: skip

    def summary(self) -> str:
        sizes = ", ".join(
            f"{name} ({counted(len(one.weights), 'filter')} of "
            f"{' x '.join(map(str, one.weights.shape[1:]))})"
            for name, one in self.layers.items()
        )
        return f"{sizes} of {self.network}"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({
            f"{name}{', at random initialization' if random else ''}": self.sheet(name, random)
            for name in self.layers
            for random in (False, True)
        })  # fmt: skip

    def sheet(self, layer: str, random: bool = False, normalise: str = "filter") -> ContactSheet:
        """A picture of a layer's filters with their numbers; a weight of 0 is gray.

        Args:
            random: show the weights of the random initialization.
            normalise: "filter" scales each filter by its largest weight, "layer" all filters by the
                largest weight of the layer.
        """
        one = self.layers[layer]
        weights = one.random if random else one.weights
        return filter_sheet(weights, one.units, one.in_colour, normalise)


def filters(
    network: AnyNetwork,
    layers: str | Sequence[str] | None = None,
    *,
    units: Sequence[int] | None = None,
) -> Filters:
    """In a notebook or script, show the weights of convolutions, and how noisy they are.

    The noise of a filter is the share of its spectral power above half of the Nyquist frequency
    (0.25 cycles a pixel). Its roughness is the mean squared difference of neighboring weights,
    divided by that of independent weights. Both are compared with the 5-95 % range of 20 random
    initializations of the layer; trained first layers are below it.

    >>> shown = filters("dissect.demo.networks:scene_0")
    >>> shown.layers["conv1"].weights.shape  # (filters, channels, height, width)
    torch.Size([16, 3, 5, 5])
    >>> shown.layers["conv1"].noise.fine.counts()["noisier"]
    0

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: names of two-dimensional convolutions; the first one of the network by default.
        units: only these of each layer; all by default.

    Returns:
        For each layer its weights (filters, channels, height, width), in px, and of its filters
        the noise, 0 to 1, and the roughness, 0 to 2, about 1 for independent weights.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it is not a convolution.
        BadSetting: a unit does not exist.

    Source:
        After the slides on Zhou et al. 2015, arXiv:1412.6856; docs/recap.md.
    """
    with opened(network) as (own, _):
        names = [first_convolution(own)] if layers is None else layer_names(layers)
        by_layer = {}
        for name in names:
            noise, weights = filter_noise(own, name), filters_of(own, name)
            by_layer[name] = LayerFilters(
                units=tuple(units_of(units, len(weights), name)),
                weights=weights.clone(),
                random=random_filters(convolution(own, name), seed=0),
                noise=noise,
                in_colour=sees_colours(own, name),
            )
    return Filters(own.spec, by_layer)
