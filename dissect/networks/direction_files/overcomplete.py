"""Reads encoders that Overcomplete trained: the state_dict of an SAE, and a description.

The format is that of Overcomplete 0.2 (overcomplete/sae/{base,modules,factory,topk_sae,
batchtopk_sae,jump_sae}.py). The library does not save its configuration, and a running threshold is
not in the state_dict, so the description states the activation and the threshold. Encoders of one
linear layer are supported: "linear", and with batch normalization "mlp_bn_1".
"""

import torch
from torch import Tensor

from dissect.errors import BadDirections
from dissect.networks.direction_files.description import Encoding
from dissect.networks.direction_files.own_layout import simple_gate
from dissect.networks.direction_files.tensors import NamedTensors
from dissect.networks.latents import Gate, JumpRelu, Latents

LINEAR, NORM = "encoder.final_block.0", "encoder.final_block.1"
THRESHOLDS, LEVELS = "thresholds", "Q"
DEEP = ("encoder.mlp_blocks.", "encoder.attention_blocks.", "encoder.resnet_blocks.")
BATCH_NORM_EPSILON = 1e-5  # torch's default, which Overcomplete keeps


def overcomplete_latents(named: NamedTensors, encoding: Encoding, layer: str) -> Latents:
    """The latents of a layer, from the state_dict of an SAE of Overcomplete.

    Raises:
        BadDirections: a tensor is missing or wrong, or the kind of encoder is not supported.
    """
    _check_kind(named, encoding)
    rows = named.take(f"{LINEAR}.weight", "latents", "channels")
    units, channels = rows.shape
    offset = named.vector(f"{LINEAR}.bias", units, "latent")
    if f"{NORM}.running_mean" in named:
        rows, offset = _with_batch_norm(named, rows, offset)
    gate = _gate(named, encoding, units)
    return Latents(layer, rows, offset, torch.zeros(channels), gate, encoding.normalise)


def _check_kind(named: NamedTensors, encoding: Encoding) -> None:
    why = ""
    if any(name.startswith(DEEP) for name in named.tensors):
        why = "its encoder has several layers, and latents need one linear layer"
    elif f"{NORM}.weight" in named and f"{NORM}.running_mean" not in named:
        why = "its encoder normalizes over latents (LayerNorm)"
    elif LEVELS in named:
        why = "it quantizes its latents (QSAE)"
    elif encoding.activation == "gated":
        why = "Overcomplete has no gated encoder"
    elif (encoding.activation == "jumprelu") != (THRESHOLDS in named):
        has = "has" if THRESHOLDS in named else "has no"
        why = f"its description says {encoding.activation!r}, but it {has} {THRESHOLDS!r}"
    if why:
        raise BadDirections(
            f"The encoder in {named.source} is not supported: {why}. Supported are SAE, TopKSAE, "
            "BatchTopKSAE and JumpSAE with the encoder 'linear' or 'mlp_bn_1'."
        )


def _with_batch_norm(named: NamedTensors, rows: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and offset of a linear layer merged with the batch normalization after it."""
    scale, shift, mean, variance = (
        named.vector(f"{NORM}.{name}", len(rows), "latent").double()
        for name in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / (variance + BATCH_NORM_EPSILON).sqrt()
    turned = rows.double() * factor[:, None]
    return turned.float(), ((offset.double() - mean) * factor + shift).float()


def _gate(named: NamedTensors, encoding: Encoding, units: int) -> Gate:
    if encoding.activation == "jumprelu":
        return _from(named.vector(THRESHOLDS, units, "latent").exp())
    gate = simple_gate(encoding, units, named.source)
    return _from(gate.threshold) if isinstance(gate, JumpRelu) else gate


def _from(threshold: Tensor) -> JumpRelu:
    """The next lower number: Overcomplete's latents fire at the threshold, ours only above it."""
    return JumpRelu(torch.nextafter(threshold, torch.full_like(threshold, -torch.inf)))
