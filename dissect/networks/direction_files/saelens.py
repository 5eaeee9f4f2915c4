"""Encoders that SAELens saves: a folder with cfg.json and sae_weights.safetensors.

Read from SAELens 6 (sae_lens/saes/*.py, loading/pretrained_sae_loaders.py) and, where cfg.json has
no version of 6, with the names of older ones. W_enc is (channels, latents).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from dissect.errors import BadDirections
from dissect.networks.direction_files.tensors import NamedTensors
from dissect.networks.latents import (
    CONSTANT_NORM,
    LAYER_NORM,
    NO_NORMALISATION,
    Gate,
    Gated,
    JumpRelu,
    Latents,
    Relu,
    TopK,
)

CONFIG_FILE = "cfg.json"
STANDARD, TOP_K, JUMP_RELU, GATED = "standard", "topk", "jumprelu", "gated"
BATCH_TOP_K = ("batchtopk", "matryoshka_batchtopk")  # as checkpoints of a training have them
ARCHITECTURES = (STANDARD, TOP_K, JUMP_RELU, GATED, *BATCH_TOP_K)
NORMALISATIONS = {
    "none": NO_NORMALISATION,
    "layer_norm": LAYER_NORM,
    "constant_norm_rescale": CONSTANT_NORM,
}


def saelens_latents(named: NamedTensors, config: Mapping[str, Any], layer: str) -> Latents:
    """The latents of a layer, from the tensors and the configuration that SAELens saves.

    Raises:
        BadDirections: a tensor is missing or wrong, or the encoder is of a kind not read here.
    """
    rows = encoder_rows(named, config)
    units, channels = rows.shape
    architecture = str(config.get("architecture", STANDARD))
    gate = _gate(named, config, architecture, units)
    is_gated = architecture == GATED
    offset = named.vector("b_mag" if is_gated else "b_enc", units, "latent")
    if config.get("rescale_acts_by_decoder_norm"):
        norm = _decoder_norm(named, units, channels)
        rows, offset = rows * norm[:, None], offset * norm
    pre_bias = torch.zeros(channels)
    if config.get("apply_b_dec_to_input", True):
        pre_bias = named.vector("b_dec", channels, "channel")
    return Latents(layer, rows, offset, pre_bias, gate, _normalisation(config, named.source))


def encoder_rows(named: NamedTensors, config: Mapping[str, Any]) -> Tensor:
    """(latents, channels), from the W_enc (channels, latents) of SAELens, and ViT-Prisma."""
    weights = named.take("W_enc", "channels", "latents")
    channels, latents = weights.shape
    expected = config.get("d_in", channels), config.get("d_sae", latents)
    if expected != (channels, latents):
        hint = "they are of different encoders."
        if expected == (latents, channels):
            hint = "it is transposed, so save W_enc.T."
        raise BadDirections(
            f"'W_enc' in {named.source} is ({channels}, {latents}), but its configuration says "
            f"d_in {expected[0]} and d_sae {expected[1]}: {hint}"
        )
    return weights.T.contiguous()


def _decoder_norm(named: NamedTensors, units: int, channels: int) -> Tensor:
    """(latents,), the norm of each latent's row of the decoder."""
    decoder = named.take("W_dec", "latents", "channels")
    if decoder.shape != (units, channels):
        raise BadDirections(
            f"'W_dec' in {named.source} is {tuple(decoder.shape)}, not ({units}, {channels}), "
            "(latents, channels): it is transposed, or of another encoder."
        )
    norm: Tensor = torch.linalg.vector_norm(decoder, dim=1)
    return norm


def _gate(named: NamedTensors, config: Mapping[str, Any], architecture: str, units: int) -> Gate:
    if architecture == JUMP_RELU:
        if "log_threshold" in named:
            return JumpRelu(named.vector("log_threshold", units, "latent").exp())
        return JumpRelu(named.vector("threshold", units, "latent"))
    if architecture in BATCH_TOP_K:
        return JumpRelu(named.take("topk_threshold").expand(units).clone())
    if architecture == GATED:
        if config.get("normalize_decoder"):
            raise BadDirections(
                f"The encoder in {named.source} scales its latents by its decoder "
                "(normalize_decoder is true), which is not read: fold the decoder's norms into "
                "W_enc, b_gate and b_mag, and save it without."
            )
        return gated(named, units)
    kwargs = config.get("activation_fn_kwargs") or {}
    activation = config.get("activation_fn") or config.get("activation_fn_str") or "relu"
    if architecture == TOP_K or (architecture == STANDARD and activation == "topk"):
        return top_k(config.get("k", kwargs.get("k")), units, named.source)
    if architecture == STANDARD and activation == "relu":
        return Relu()
    what = f"activation {activation!r}" if architecture == STANDARD else f"{architecture!r}"
    raise BadDirections(
        f"The encoder in {named.source} is {what}, which is not read: known are the architectures "
        f"{', '.join(ARCHITECTURES)}, with the activations relu and topk."
    )


def gated(named: NamedTensors, units: int) -> Gated:
    """The gate of a gated encoder as SAELens saves it, and ViT-Prisma."""
    gate_offset = named.vector("b_gate", units, "latent")
    return Gated(gate_offset, named.vector("r_mag", units, "latent"))


def top_k(k: object, units: int, source: str) -> TopK:
    """The gate of a TopK encoder as SAELens saves it, and ViT-Prisma: its configuration has k."""
    if not isinstance(k, int) or not 1 <= k <= units:
        raise BadDirections(
            f"k is {k!r} in the configuration of {source}; a topk encoder of {units} latents "
            f"needs a whole number from 1 to {units}."
        )
    return TopK(k)


def _normalisation(config: Mapping[str, Any], source: str) -> str:
    name = config.get("normalize_activations") or "none"
    if name in NORMALISATIONS:
        return NORMALISATIONS[name]
    if name is True or name == "expected_average_only_in":
        raise BadDirections(
            f"{source} scales its input by a factor that it does not hold "
            "(normalize_activations is 'expected_average_only_in'): call SAELens's "
            "fold_activation_norm_scaling_factor(factor), and save it again."
        )
    raise BadDirections(
        f"{source} normalizes its input by {name!r}, which is not known here: known are "
        f"{', '.join(NORMALISATIONS)}."
    )
