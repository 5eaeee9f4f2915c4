"""A seeded sample of a layer's units, stratified by how many images they fire on.

A sparse autoencoder has more latents than people can name. The sample is taken of the units that
would be published: dead units are left out, and dense ones where the units are latents. Each has
the same chance, so means over the sample are unbiased, and rare and frequent units are in it as in
the layer.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from dissect.errors import BadSetting
from dissect.format.live_units import is_dense
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.topk.activity import UnitActivity
from dissect.topk.ranking import Ranking
from dissect.topk.results import PassResult
from dissect.topk.sampling import hash64


@dataclass(frozen=True)
class UnitSample:
    """How many units of each layer are taken, and the seed of the draw."""

    count: int
    seed: int = 0

    def check(self, infos: list[LayerInfo]) -> None:
        """Refuse, before the pass, a sample that a layer has too few units for.

        Raises:
            BadSetting: it has.
        """
        for info in infos:
            if not 1 <= self.count <= info.unit_count:
                raise BadSetting(
                    f"--sample is {self.count}, but layer {info.name!r} has {info.unit_count} "
                    f"units: take 1 to {info.unit_count}."
                )


def has_latents(network: Network, layer: str) -> bool:
    """Whether the sample of a layer's units leaves out dense ones, as it does of latents."""
    directions = network.directions.get(layer)
    return directions is not None and directions.are_latents


def with_sample(result: PassResult, sample: UnitSample, network: Network) -> PassResult:
    """Add a seeded sample of each layer's units, those to show, to the result of a pass.

    The others keep their numbers, but no images.

    Raises:
        BadSetting: all units of a layer are dead or dense.
    """
    layers = []
    for layer in result.layers:
        numbers = drawn_units(layer.activity, sample, has_latents(network, layer.info.name))
        if not len(numbers):
            raise BadSetting(
                f"No unit of layer {layer.info.name!r} is left for --sample: all "
                f"{layer.info.unit_count} are dead or dense over these images."
            )
        top, low = _only(layer.top, numbers), _only(layer.low, numbers)
        layers.append(replace(layer, sample=tuple(numbers.tolist()), top=top, low=low))
    return replace(result, layers=layers)


def _only(ranking: Ranking, units: NDArray[np.int64]) -> Ranking:
    """A ranking that has images of some units alone."""
    blank = Ranking.empty(*ranking.image.shape)
    for field in fields(Ranking):
        getattr(blank, field.name)[units] = getattr(ranking, field.name)[units]
    return blank


def drawn_units(activity: UnitActivity, sample: UnitSample, are_latents: bool) -> NDArray[np.int64]:
    """Draw a sample of units, stratified by firing share; all that are left if there are few.

    The units are ordered by firing share, ties by hash, and cut into as many strata of equal size
    as units are wanted; of each stratum the unit with the smallest hash is taken.

    Args:
        are_latents: whether dense units are left out, as only those of latents are.
    """
    left_out = activity.dead.copy()
    if are_latents:
        left_out |= [is_dense(float(share)) for share in activity.firing_share]
    units = np.flatnonzero(~left_out).astype(np.int64)
    if len(units) <= sample.count:
        return units
    keys = hash64(units, seed=sample.seed)
    order = np.lexsort((keys, activity.firing_share[units]))
    strata = np.array_split(order, sample.count)
    return np.sort([units[stratum[np.argmin(keys[stratum])]] for stratum in strata])
