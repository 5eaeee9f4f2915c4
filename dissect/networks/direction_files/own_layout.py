"""Our own layout: for each layer L a tensor L (units, channels), and others beside it.

| tensor | axes | what it is |
|---|---|---|
| L | units, channels | directions, or the rows of an encoder |
| L.offset | units | added to the products; 0 by default |
| L.pre_bias | channels | subtracted from the normalized channels; 0 by default |
| L.threshold | units | of "jumprelu" |
| L.gate_offset, L.gate_log_scale | units | of "gated" |

Layers that a description names are encoders, all others plain directions.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from dissect.errors import BadDirections
from dissect.networks.direction_files.description import Description, Encoding
from dissect.networks.direction_files.tensors import NamedTensors
from dissect.networks.directions import Directions
from dissect.networks.latents import Gate, Gated, JumpRelu, Latents, Relu, TopK

OFFSET, PRE_BIAS, THRESHOLD = ".offset", ".pre_bias", ".threshold"
GATE_OFFSET, GATE_LOG_SCALE = ".gate_offset", ".gate_log_scale"
OF_ENCODERS = (PRE_BIAS, THRESHOLD, GATE_OFFSET, GATE_LOG_SCALE)


def directions_of(
    named: NamedTensors, description: Description | None, layers: Sequence[str]
) -> dict[str, Directions]:
    """The directions or latents of some layers, from the tensors of our own layout.

    A file for a single layer may use any name.

    Raises:
        BadDirections: a layer is missing, or its tensors are no directions.
    """
    encodings = description.layers if description else {}
    suffixes = (OFFSET, *OF_ENCODERS) if encodings else (OFFSET,)
    names = [name for name in sorted(named.tensors) if not name.endswith(suffixes)]
    _check_used(named, names, encodings)
    if len(names) == 1 and len(layers) == 1:
        name_of = {layers[0]: names[0]}
    else:
        name_of = {layer: layer for layer in layers}
    for layer, name in name_of.items():
        if name not in names:
            raise BadDirections(
                f"{named.source} has no directions for layer {layer!r}; it has "
                f"{', '.join(names) or 'none'}."
            )
    return {
        layer: _latents(named, layer, name, encodings[name])
        if name in encodings
        else _plain(named, layer, name)
        for layer, name in name_of.items()
    }


def _check_used(named: NamedTensors, names: list[str], encodings: dict[str, Encoding]) -> None:
    """Refuse an encoder without its description, and a description without its encoder."""
    if unknown := [name for name in encodings if name not in names]:
        raise BadDirections(
            f"The description of {named.source} names {unknown[0]!r}, which has no tensor there; "
            f"it has {', '.join(names) or 'none'}: name the encoder's tensor like its layer."
        )
    if encodings:
        return
    if encoders := [name for name in names if name.endswith(OF_ENCODERS)]:
        raise BadDirections(
            f"{named.source} has {encoders[0]!r}, of an encoder, but no description of the "
            "encoder: write one beside it, of the same name with .json "
            "(docs/reference/encoders.md)."
        )


def _plain(named: NamedTensors, layer: str, name: str) -> Directions:
    rows = named.take(name, "units", "channels")
    offset = torch.zeros(len(rows))
    if name + OFFSET in named:
        offset = named.vector(name + OFFSET, len(rows), "direction")
    if bool((zero := (rows == 0).all(dim=1)).any()):
        raise BadDirections(
            f"Direction {int(zero.nonzero()[0])} of layer {layer!r} in {named.source} is zero: "
            "leave it out."
        )
    return Directions(layer, rows, offset)


def _latents(named: NamedTensors, layer: str, name: str, encoding: Encoding) -> Latents:
    rows = named.take(name, "units", "channels")
    units, channels = rows.shape
    offset, pre_bias = torch.zeros(units), torch.zeros(channels)
    if name + OFFSET in named:
        offset = named.vector(name + OFFSET, units, "latent")
    if name + PRE_BIAS in named:
        pre_bias = named.vector(name + PRE_BIAS, channels, "channel")
    gate = _gate(named, name, encoding, units)
    return Latents(layer, rows, offset, pre_bias, gate, encoding.normalise)


def _gate(named: NamedTensors, name: str, encoding: Encoding, units: int) -> Gate:
    if encoding.activation == "jumprelu":
        return JumpRelu(named.vector(name + THRESHOLD, units, "latent"))
    if encoding.activation == "gated":
        gate_offset = named.vector(name + GATE_OFFSET, units, "latent")
        return Gated(gate_offset, named.vector(name + GATE_LOG_SCALE, units, "latent"))
    return simple_gate(encoding, units, named.source)


def simple_gate(encoding: Encoding, units: int, source: str) -> Gate:
    """A gate in our own layout that needs no tensors beside it: ReLU, TopK, BatchTopK.

    Raises:
        BadDirections: more latents are to fire in a cell than there are.
    """
    if encoding.k is not None:
        if encoding.k > units:
            raise BadDirections(
                f"k is {encoding.k} in the description of {source}, more than its {units} latents."
            )
        return TopK(encoding.k)
    if encoding.threshold is not None:
        return JumpRelu(torch.full((units,), encoding.threshold))
    return Relu()


def tensors_of(
    directions: Iterable[Directions],
) -> tuple[dict[str, Tensor], dict[str, Encoding]]:
    """Directions as tensors of our own layout, and the encodings of those that are latents."""
    tensors: dict[str, Tensor] = {}
    encodings: dict[str, Encoding] = {}
    for one in directions:
        tensors[one.layer] = one.rows
        tensors[one.layer + OFFSET] = one.offset
        if isinstance(one, Latents):
            tensors[one.layer + PRE_BIAS] = one.pre_bias
            encodings[one.layer], of_gate = _encoding_of(one)
            tensors |= {one.layer + suffix: tensor for suffix, tensor in of_gate.items()}
    return {name: tensor.contiguous() for name, tensor in tensors.items()}, encodings


def _encoding_of(latents: Latents) -> tuple[Encoding, dict[str, Tensor]]:
    """The encoding of latents, and the tensors of their gate by suffix."""
    gate, normalise = latents.gate, latents.normalise
    if isinstance(gate, TopK):
        return _encoding("topk", normalise, k=gate.k), {}
    if isinstance(gate, JumpRelu):
        return _encoding("jumprelu", normalise), {THRESHOLD: gate.threshold}
    if isinstance(gate, Gated):
        of_gate = {GATE_OFFSET: gate.gate_offset, GATE_LOG_SCALE: gate.log_scale}
        return _encoding("gated", normalise), of_gate
    return _encoding("relu", normalise), {}


def _encoding(activation: str, normalise: str, **values: int) -> Encoding:
    return Encoding.model_validate({"activation": activation, "normalise": normalise, **values})
