"""What SAE libraries compute, by their own definitions: cell by cell, in double precision.

Each function is the `encode` of one library, in evaluation, for the tensors that it saves. They
know nothing of `dissect.networks.latents`.
"""

import math

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


def by_cell(maps: Tensor, encode) -> Tensor:
    """Encode each cell of maps (images, channels, height, width) on its own."""
    images, _, height, width = maps.shape
    rows = [
        torch.stack(
            [encode(maps[n, :, y, x].double()) for y in range(height) for x in range(width)]
        )
        for n in range(images)
    ]
    return torch.stack(rows).transpose(1, 2).reshape(images, -1, height, width)


def run_time_normalised(x: Tensor, how: object) -> Tensor:
    """SAELens and ViT-Prisma, `run_time_activation_norm_fn_in`."""
    if how == "layer_norm":
        x = x - x.mean()
        return x / (x.std() + 1e-5)
    if how == "constant_norm_rescale":
        return x * (len(x) ** 0.5 / x.norm())
    return x


def top_k(pre: Tensor, k: int) -> Tensor:
    latents = torch.zeros_like(pre)
    for latent in sorted(range(len(pre)), key=lambda one: -pre[one])[:k]:
        latents[latent] = max(pre[latent], 0)
    return latents


def saelens(tensors: Tensors, cfg: dict[str, object], x: Tensor) -> Tensor:
    """`encode` of StandardSAE, TopKSAE, JumpReLUSAE, GatedSAE (SAELens 6)."""
    t = {name: tensor.double() for name, tensor in tensors.items()}
    x = run_time_normalised(x, cfg.get("normalize_activations", "none"))
    x = x - t["b_dec"] * cfg.get("apply_b_dec_to_input", True)
    if cfg["architecture"] == "gated":
        opens = x @ t["W_enc"] + t["b_gate"] > 0
        return opens * torch.relu(x @ (t["W_enc"] * t["r_mag"].exp()) + t["b_mag"])
    pre = x @ t["W_enc"] + t["b_enc"]
    if cfg.get("rescale_acts_by_decoder_norm"):
        pre = pre * t["W_dec"].norm(dim=-1)
    if cfg["architecture"] == "topk":
        return top_k(pre, cfg["k"])
    if cfg["architecture"] == "jumprelu":
        return torch.relu(pre) * (pre > torch.relu(t["threshold"]))
    if cfg["architecture"] in ("batchtopk", "matryoshka_batchtopk"):
        # Saved for inference it becomes a JumpReLU with this one threshold.
        return torch.relu(pre) * (pre > t["topk_threshold"])
    if cfg.get("activation_fn_str") == "topk":  # SAELens 3 to 5
        return top_k(pre, cfg["activation_fn_kwargs"]["k"])
    return torch.relu(pre)


def vit_prisma(tensors: Tensors, cfg: dict[str, object], x: Tensor) -> Tensor:
    """`encode` of StandardSparseAutoencoder and GatedSparseAutoencoder (ViT-Prisma 2)."""
    t = {name: tensor.double() for name, tensor in tensors.items()}
    x = run_time_normalised(x, cfg["normalize_activations"]) - t["b_dec"]
    if cfg["architecture"] == "gated":
        opens = x @ t["W_enc"] + t["b_gate"] > 0
        return opens * torch.relu(x @ (t["W_enc"] * t["r_mag"].exp()) + t["b_mag"])
    pre = x @ t["W_enc"] + t["b_enc"]
    if cfg["activation_fn_str"] == "topk":
        return top_k(pre, cfg["activation_fn_kwargs"]["k"])
    return torch.relu(pre)


def overcomplete(tensors: Tensors, encoding: dict[str, object], x: Tensor) -> Tensor:
    """`encode` of SAE, TopKSAE, BatchTopKSAE, JumpSAE with an MLPEncoder (Overcomplete 0.2)."""
    t = {name: tensor.double() for name, tensor in tensors.items()}
    pre = t["encoder.final_block.0.weight"] @ x + t["encoder.final_block.0.bias"]
    if "encoder.final_block.1.running_mean" in t:
        norm = {name: t[f"encoder.final_block.1.{name}"] for name in
                ("weight", "bias", "running_mean", "running_var")}  # fmt: skip
        pre = (pre - norm["running_mean"]) / (norm["running_var"] + 1e-5).sqrt()
        pre = pre * norm["weight"] + norm["bias"]
    codes = torch.relu(pre)
    if encoding["activation"] == "topk":
        return top_k(codes, encoding["k"])
    if encoding["activation"] == "batchtopk":
        return codes * (codes >= encoding["threshold"])
    if encoding["activation"] == "jumprelu":
        return torch.where(codes < t["thresholds"].exp(), 0, codes)
    return codes


def ours(tensors: Tensors, encoding: dict[str, object], x: Tensor) -> Tensor:
    """Our own layout, as docs/reference/encoders.md defines it, for a layer called "L"."""
    t = {name: tensor.double() for name, tensor in tensors.items()}
    if encoding.get("normalise") == "layer_norm":
        x = (x - x.mean()) / ((x - x.mean()).std() + 1e-5)
    if encoding.get("normalise") == "constant_norm":
        x = x * math.sqrt(len(x)) / x.norm()
    x = x - t.get("L.pre_bias", torch.zeros(len(x)))
    products = t["L"] @ x
    offset = t.get("L.offset", torch.zeros(len(products)))
    if encoding["activation"] == "gated":
        strength = torch.relu(t["L.gate_log_scale"].exp() * products + offset)
        return strength * (products + t["L.gate_offset"] > 0)
    pre = products + offset
    if encoding["activation"] == "topk":
        return top_k(pre, encoding["k"])
    if encoding["activation"] == "batchtopk":
        return torch.relu(pre) * (pre > encoding["threshold"])
    if encoding["activation"] == "jumprelu":
        return torch.relu(pre) * (pre > t["L.threshold"])
    return torch.relu(pre)
