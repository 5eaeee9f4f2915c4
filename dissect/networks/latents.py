"""Units as latents of a sparse autoencoder: an encoder over the channels of a layer.

Cell by cell, the channels are normalized, the pre-bias is subtracted, the encoder's rows and biases
give pre-activations, and a gate sets latents that do not fire to 0.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from dissect.networks.directions import Directions

NO_NORMALISATION, LAYER_NORM, CONSTANT_NORM = "none", "layer_norm", "constant_norm"
LAYER_NORM_EPSILON = 1e-5  # added to the standard deviation, as SAELens and ViT-Prisma do


class Gate(Protocol):
    """Decides which latents fire, and how strongly."""

    name: str

    def latents(self, products: Tensor, offset: Tensor) -> Tensor:
        """The latents of some cells.

        Args:
            products: (units, cells), the encoder's rows times the cells' channels.
            offset: (units,), the encoder's biases.

        Returns:
            (units, cells), 0 where a latent does not fire.
        """


@dataclass(frozen=True)
class Relu:
    """A latent fires where its pre-activation is positive."""

    name = "ReLU"

    def latents(self, products: Tensor, offset: Tensor) -> Tensor:
        return torch.relu(products + offset[:, None])


@dataclass(frozen=True)
class TopK:
    """In each cell the `k` latents with the largest pre-activations fire, if these are positive.

    Gao et al. 2024, arXiv:2406.04093.
    """

    k: int
    name = "TopK"

    def latents(self, products: Tensor, offset: Tensor) -> Tensor:
        pre_activations = (products + offset[:, None]).T.contiguous()  # (cells, units)
        top = pre_activations.topk(self.k, dim=1)
        latents = torch.zeros_like(pre_activations)
        return latents.scatter(1, top.indices, torch.relu(top.values)).T


@dataclass(frozen=True)
class JumpRelu:
    """A latent fires where its pre-activation is positive and above its threshold.

    Rajamanoharan et al. 2024, arXiv:2407.14435. BatchTopK is this after training, with one
    threshold for all latents (Bussmann et al. 2024, arXiv:2412.06410).

    Attributes:
        threshold: (units,).
    """

    threshold: Tensor
    name = "JumpReLU"

    def latents(self, products: Tensor, offset: Tensor) -> Tensor:
        pre_activations = products + offset[:, None]
        fires = pre_activations > self.threshold.to(products.device)[:, None]
        return torch.relu(pre_activations) * fires


@dataclass(frozen=True)
class Gated:
    """A latent fires where its gate's pre-activation is positive; its strength has its own scale.

    Rajamanoharan et al. 2024, arXiv:2404.16014; `offset` is the bias of the strength.

    Attributes:
        gate_offset: (units,), the biases of the gates, which share the encoder's rows.
        log_scale: (units,), natural logarithms of the scales of the strengths.
    """

    gate_offset: Tensor
    log_scale: Tensor
    name = "Gated ReLU"

    def latents(self, products: Tensor, offset: Tensor) -> Tensor:
        fires = products + self.gate_offset.to(products.device)[:, None] > 0
        scale = self.log_scale.to(products.device).exp()[:, None]
        return torch.relu(scale * products + offset[:, None]) * fires


@dataclass(frozen=True)
class Latents(Directions):
    """Units of one layer as latents of a sparse autoencoder.

    Attributes:
        rows: (units, channels), the encoder; a row may be zero.
        offset: (units,), the encoder's biases.
        pre_bias: (channels,), subtracted from the normalized channels.
        gate: what decides whether a latent fires.
        normalise: of the channels of each cell: "none", "layer_norm" (mean 0, standard deviation
            1) or "constant_norm" (to a norm of the square root of their number).
    """

    pre_bias: Tensor
    gate: Gate = field(default_factory=Relu)
    normalise: str = NO_NORMALISATION

    are_latents = True

    @property
    def after(self) -> str:
        return self.gate.name

    def project(self, maps: Tensor) -> Tensor:
        """The maps of the latents: as `Directions.project`, one image at a time.

        Beside the result it takes the memory of one image's latents.
        """
        self._check_channels(maps.shape[1])
        images, _, height, width = maps.shape
        cells = maps.to(torch.float32).flatten(2)  # (images, channels, cells)
        on_device = [tensor.to(maps.device) for tensor in (self.rows, self.offset, self.pre_bias)]
        latents = torch.empty(images, len(self.rows), height * width, device=maps.device)
        for number in range(images):
            latents[number] = self._encode(cells[number], *on_device)
        return latents.reshape(images, -1, height, width)

    def _encode(self, channels: Tensor, rows: Tensor, offset: Tensor, pre_bias: Tensor) -> Tensor:
        """(channels, cells) to (units, cells)."""
        centred = normalised(channels, self.normalise) - pre_bias[:, None]
        return self.gate.latents(rows @ centred, offset)


def normalised(channels: Tensor, how: str) -> Tensor:
    """Normalize the channels of each cell, (channels, cells), as `Latents.normalise` says."""
    if how == LAYER_NORM:
        centred = channels - channels.mean(dim=0, keepdim=True)
        deviation: Tensor = centred.std(dim=0, keepdim=True)
        return centred / (deviation + LAYER_NORM_EPSILON)
    if how == CONSTANT_NORM:
        tiny = torch.finfo(channels.dtype).tiny  # a cell of zeros stays one
        norm: Tensor = torch.linalg.vector_norm(channels, dim=0, keepdim=True).clamp(min=tiny)
        return channels * (math.sqrt(len(channels)) / norm)
    return channels
