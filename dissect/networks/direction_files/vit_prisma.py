"""Encoders that ViT-Prisma saves: a folder with config.json and a state_dict such as weights.pt.

Read from ViT-Prisma 2 (src/vit_prisma/sae/sae.py, sae/config.py). W_enc is (channels, latents), and
the decoder's bias is always subtracted from the input.
"""

from collections.abc import Mapping
from typing import Any

from dissect.errors import BadDirections
from dissect.networks.direction_files.saelens import encoder_rows, gated, top_k
from dissect.networks.direction_files.tensors import NamedTensors
from dissect.networks.latents import (
    CONSTANT_NORM,
    LAYER_NORM,
    NO_NORMALISATION,
    Gate,
    Latents,
    Relu,
)

CONFIG_FILE = "config.json"
STANDARD, GATED = "standard", "gated"
NORMALISATIONS = {"layer_norm": LAYER_NORM, "constant_norm_rescale": CONSTANT_NORM}
OTHER_INPUTS = {
    "cls_token_only": "was trained on class tokens alone, which maps leave out",
    "is_transcoder": "is a transcoder",
}


def prisma_latents(named: NamedTensors, config: Mapping[str, Any], layer: str) -> Latents:
    """The latents of a layer, from the tensors and the configuration that ViT-Prisma saves.

    Raises:
        BadDirections: a tensor is missing or wrong, or the encoder is of a kind not read here.
    """
    for key, what in OTHER_INPUTS.items():
        if config.get(key):
            raise BadDirections(
                f"The encoder in {named.source} {what} ({key} is true): take one of patch tokens."
            )
    rows = encoder_rows(named, config)
    units, channels = rows.shape
    is_gated = config.get("architecture") == GATED
    offset = named.vector("b_mag" if is_gated else "b_enc", units, "latent")
    pre_bias = named.vector("b_dec", channels, "channel")
    # Whatever else ViT-Prisma finds there normalizes nothing.
    how = NORMALISATIONS.get(str(config.get("normalize_activations")), NO_NORMALISATION)
    return Latents(layer, rows, offset, pre_bias, _gate(named, config, units), how)


def _gate(named: NamedTensors, config: Mapping[str, Any], units: int) -> Gate:
    architecture = config.get("architecture", STANDARD)
    activation = config.get("activation_fn_str", "relu")
    if (architecture, activation) == (GATED, "relu"):
        return gated(named, units)
    if (architecture, activation) == (STANDARD, "relu"):
        return Relu()
    if (architecture, activation) == (STANDARD, "topk"):
        return top_k((config.get("activation_fn_kwargs") or {}).get("k"), units, named.source)
    raise BadDirections(
        f"The encoder in {named.source} is {architecture!r} with activation {activation!r}, which "
        "is not read: known are standard with relu or topk, and gated with relu."
    )
