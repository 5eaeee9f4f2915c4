"""Units as directions in the channel space of a layer: probes, PCA, rotations, concept vectors.

The map of such a unit is its offset plus the sum of the channels' maps, weighted by its row. The
latents of a sparse autoencoder are directions with a gate behind them (`dissect.networks.latents`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from dissect.errors import BadDirections


@dataclass(frozen=True)
class Directions:
    """Units of one layer as directions among its channels.

    Attributes:
        rows: (units, channels), finite, none of them zero.
        offset: (units,).
    """

    layer: str
    rows: Tensor
    offset: Tensor

    are_latents = False  # of a sparse autoencoder

    @property
    def after(self) -> str:
        """The nonlinearity that the maps come after; "" where they are linear in the channels."""
        return ""

    def project(self, maps: Tensor) -> Tensor:
        """The maps of the directions, from those of the channels.

        Args:
            maps: (images, channels, height, width).

        Returns:
            (images, units, height, width) float32.

        Raises:
            BadDirections: the layer has another number of channels.
        """
        self._check_channels(maps.shape[1])
        rows, offset = self.rows.to(maps.device), self.offset.to(maps.device)
        projected = torch.einsum("uc,nchw->nuhw", rows, maps.to(torch.float32))
        return projected + offset[:, None, None]

    def _check_channels(self, channels: int) -> None:
        units, expected = self.rows.shape
        if channels == expected:
            return
        hint = "take the layer that they were made for"
        if channels == units:
            hint = "they look transposed, so save the transpose, (units, channels)"
        raise BadDirections(
            f"The directions of layer {self.layer!r} have {expected} channels, the layer has "
            f"{channels}: {hint}."
        )


NO_DIRECTIONS: Mapping[str, Directions] = MappingProxyType({})
