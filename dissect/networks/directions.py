"""Units as directions in the channel space of a layer: latents, probes, PCA, rotations.

The map of such a unit is its offset plus the sum of the channels' maps, weighted by its row. A
file of directions is safetensors: for each layer a tensor (units, channels) under the layer's
name, and optionally `LAYER.offset` (units,). A file for a single layer may use any name.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file, save
from torch import Tensor

from dissect.errors import BadDirections

OFFSET = ".offset"


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

    def project(self, maps: Tensor) -> Tensor:
        """The maps of the directions, from those of the channels.

        Args:
            maps: (images, channels, height, width).

        Returns:
            (images, units, height, width) float32.

        Raises:
            BadDirections: the layer has another number of channels.
        """
        channels = maps.shape[1]
        if channels != self.rows.shape[1]:
            raise BadDirections(
                f"The directions of layer {self.layer!r} have {self.rows.shape[1]} channels, "
                f"the layer has {channels}."
            )
        rows, offset = self.rows.to(maps.device), self.offset.to(maps.device)
        projected = torch.einsum("uc,nchw->nuhw", rows, maps.to(torch.float32))
        return projected + offset[:, None, None]


NO_DIRECTIONS: Mapping[str, Directions] = MappingProxyType({})


def load_directions(path: Path, layers: Sequence[str]) -> dict[str, Directions]:
    """Load the directions in a file, for each of some layers.

    Raises:
        BadDirections: the file cannot be read, lacks a layer, or its tensors are no directions.
    """
    return _of_layers(_read(path), str(path), layers)


def directions_from_bytes(content: bytes, layers: Sequence[str]) -> dict[str, Directions]:
    """Read directions from stored bytes, for some layers: `directions_to_bytes` inverted."""
    return _of_layers(load(content), "the stored directions", layers)


def _of_layers(
    tensors: dict[str, Tensor], path: str, layers: Sequence[str]
) -> dict[str, Directions]:
    rows = {name: tensor for name, tensor in tensors.items() if not name.endswith(OFFSET)}
    if len(rows) == 1 and len(layers) == 1:
        key = next(iter(rows))
        return {layers[0]: _checked(path, layers[0], rows[key], tensors.get(key + OFFSET))}
    for layer in layers:
        if layer not in rows:
            raise BadDirections(
                f"{path} has no directions for layer {layer!r}; it has {', '.join(rows) or 'none'}."
            )
    return {
        layer: _checked(path, layer, rows[layer], tensors.get(layer + OFFSET)) for layer in layers
    }


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadDirections(f"The directions in {path} cannot be read: {reason}.") from error


def _checked(path: str, layer: str, rows: Tensor, offset: Tensor | None) -> Directions:
    if rows.ndim != 2 or 0 in rows.shape or not rows.is_floating_point():
        raise BadDirections(
            f"The directions of layer {layer!r} in {path} are {rows.dtype} of "
            f"{tuple(rows.shape)}; they must be real numbers (units, channels)."
        )
    offset = torch.zeros(len(rows)) if offset is None else offset.to(torch.float32)
    if offset.shape != (len(rows),):
        raise BadDirections(
            f"The offset of layer {layer!r} in {path} has {tuple(offset.shape)} numbers, "
            f"not one for each of {len(rows)} directions."
        )
    rows = rows.to(torch.float32)
    bad = ~torch.isfinite(rows).all(dim=1) | ~torch.isfinite(offset) | (rows == 0).all(dim=1)
    if bool(bad.any()):
        raise BadDirections(
            f"Direction {int(bad.nonzero()[0])} of layer {layer!r} in {path} is zero, or not all "
            "finite numbers."
        )
    return Directions(layer, rows, offset)


def directions_to_bytes(
    directions: Iterable[Directions], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Directions as the bytes of a file that `load_directions` reads."""
    tensors = {}
    for layer in directions:
        tensors[layer.layer] = layer.rows.contiguous()
        tensors[layer.layer + OFFSET] = layer.offset.contiguous()
    content: bytes = save(tensors, metadata=dict(metadata or {}))
    return content


def directions_sha256(directions: Mapping[str, Directions]) -> str | None:
    """SHA-256 of the directions, whatever file they came in; None where there are none."""
    if not directions:
        return None
    return hashlib.sha256(directions_to_bytes(directions.values())).hexdigest()


def save_directions(
    path: Path, directions: Sequence[Directions], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a file of directions that `load_directions` reads.

    Raises:
        BadDirections: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(directions_to_bytes(directions, metadata))
    except OSError as error:
        raise BadDirections(f"The directions cannot be written to {path}: {error}.") from error
