"""Encoders of SAE libraries become latents, equal to each library's own encode to 1e-5."""

import json

import pytest
import torch
from safetensors.torch import save_file

from dissect.networks.direction_files.files import (
    directions_from_bytes,
    directions_sha256,
    directions_to_bytes,
    load_directions,
)
from tests.dissect.networks.direction_files import slow_encoders

CHANNELS, LATENTS = 6, 20


def drawn(*shape: int, seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + 100 * sum(shape))
    return scale * torch.randn(*shape, generator=generator)


MAPS = drawn(3, CHANNELS, 4, 5, scale=2)


def saelens_tensors() -> dict[str, torch.Tensor]:
    return {
        "W_enc": drawn(CHANNELS, LATENTS),
        "W_dec": drawn(LATENTS, CHANNELS),
        "b_dec": drawn(CHANNELS, seed=1),
        "b_enc": drawn(LATENTS, seed=2),
        "b_gate": drawn(LATENTS, seed=3),
        "b_mag": drawn(LATENTS, seed=4),
        "r_mag": drawn(LATENTS, seed=5, scale=0.3),
        "threshold": drawn(LATENTS, seed=6).abs(),
        "topk_threshold": torch.tensor(0.7),
    }


OF_ARCHITECTURE = {
    "standard": ("b_enc",),
    "topk": ("b_enc",),
    "jumprelu": ("b_enc", "threshold"),
    "gated": ("b_gate", "b_mag", "r_mag"),
    "batchtopk": ("b_enc", "topk_threshold"),
    "matryoshka_batchtopk": ("b_enc", "topk_threshold"),
}


def with_common(architecture: str) -> dict[str, torch.Tensor]:
    """The tensors that an encoder of this architecture saves."""
    names = ("W_enc", "W_dec", "b_dec", *OF_ARCHITECTURE[architecture])
    return {name: tensor for name, tensor in saelens_tensors().items() if name in names}


def assert_equal(latents, slow, fires_at_least: float = 0.02) -> None:
    assert latents.shape == slow.shape
    assert (slow > 0).float().mean() > fires_at_least  # the example says something
    assert (latents.double() - slow).abs().max() <= 1e-5 * slow.abs().max()
    assert torch.equal(latents > 0, slow > 0)


SAELENS = [
    {"architecture": "standard"},
    {"architecture": "standard", "apply_b_dec_to_input": False},
    {"architecture": "standard", "normalize_activations": "layer_norm"},
    {"architecture": "standard", "normalize_activations": "constant_norm_rescale"},
    {"architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 3}},
    {"architecture": "topk", "k": 4},
    {"architecture": "topk", "k": 4, "rescale_acts_by_decoder_norm": True},
    {"architecture": "jumprelu"},
    {"architecture": "jumprelu", "normalize_activations": "layer_norm"},
    {"architecture": "gated"},
    {"architecture": "gated", "normalize_activations": "constant_norm_rescale"},
    {"architecture": "batchtopk", "k": 3, "rescale_acts_by_decoder_norm": True},
    {"architecture": "matryoshka_batchtopk", "k": 3, "rescale_acts_by_decoder_norm": False},
]


@pytest.mark.parametrize("cfg", SAELENS, ids=json.dumps)
def test_an_encoder_that_saelens_saves_gives_the_latents_of_its_encode(tmp_path, cfg):
    tensors = with_common(cfg["architecture"])
    save_file(tensors, tmp_path / "sae_weights.safetensors")
    save_file({"sparsity": torch.zeros(LATENTS)}, tmp_path / "sparsity.safetensors")
    whole = {"d_in": CHANNELS, "d_sae": LATENTS, "dtype": "float32", **cfg}
    (tmp_path / "cfg.json").write_text(json.dumps(whole))

    latents = load_directions(tmp_path, ["stem"])["stem"]

    slow = slow_encoders.by_cell(MAPS, lambda x: slow_encoders.saelens(tensors, cfg, x))
    assert_equal(latents.project(MAPS), slow)
    for also in ("cfg.json", "sae_weights.safetensors"):
        assert torch.equal(load_directions(tmp_path / also, ["stem"])["stem"].rows, latents.rows)


RELU = {"architecture": "standard", "activation_fn_str": "relu"}
PRISMA = [
    {**RELU, "normalize_activations": "layer_norm"},
    {**RELU, "normalize_activations": "none"},
    {"architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 4},
     "normalize_activations": "constant_norm_rescale"},
    {"architecture": "gated", "activation_fn_str": "relu", "normalize_activations": "layer_norm"},
]  # fmt: skip


@pytest.mark.parametrize("cfg", PRISMA, ids=json.dumps)
def test_an_encoder_that_vit_prisma_saves_gives_the_latents_of_its_encode(tmp_path, cfg):
    tensors = with_common(cfg["architecture"]) | {"b_enc": drawn(LATENTS, seed=2)}
    torch.save(tensors, tmp_path / "weights.pt")
    whole = {
        "d_in": CHANNELS, "d_sae": LATENTS, "cls_token_only": False, "is_transcoder": False,
        "dtype": {"__type__": "torch.dtype", "value": "torch.float32"},
        "hook_point_layer": 9, "layer_subtype": "hook_resid_post", **cfg,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(whole))

    latents = load_directions(tmp_path, ["stem"])["stem"]

    slow = slow_encoders.by_cell(MAPS, lambda x: slow_encoders.vit_prisma(tensors, cfg, x))
    assert_equal(latents.project(MAPS), slow)


OVERCOMPLETE = [
    ({"activation": "relu"}, ()),
    ({"activation": "relu"}, ("batch norm",)),
    ({"activation": "topk", "k": 3}, ()),
    ({"activation": "topk", "k": 3}, ("batch norm",)),
    ({"activation": "batchtopk", "threshold": 0.8}, ()),
    ({"activation": "jumprelu"}, ("thresholds",)),
]


@pytest.mark.parametrize(("encoding", "parts"), OVERCOMPLETE, ids=str)
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_an_encoder_of_overcomplete_gives_the_latents_of_its_encode(
    tmp_path, encoding, parts, suffix
):
    tensors = {
        "encoder.final_block.0.weight": drawn(LATENTS, CHANNELS),
        "encoder.final_block.0.bias": drawn(LATENTS, seed=1),
        "dictionary._weights": drawn(LATENTS, CHANNELS, seed=2),
        "dictionary.multiplier": torch.tensor(0.0),
    }
    if "batch norm" in parts:
        of_norm = {"weight": 3, "bias": 4, "running_mean": 5, "running_var": 6}
        tensors |= {
            f"encoder.final_block.1.{name}": drawn(LATENTS, seed=seed)
            for name, seed in of_norm.items()
        }
        tensors["encoder.final_block.1.running_var"].abs_()
        tensors["encoder.final_block.1.num_batches_tracked"] = torch.tensor(7)
    if "thresholds" in parts:
        tensors["thresholds"] = drawn(LATENTS, seed=7)
    path = tmp_path / f"sae{suffix}"
    torch.save(tensors, path) if suffix == ".pt" else save_file(tensors, path)
    description = {"format": "unitscope-encoders", "layers": {"stem": encoding}}
    (tmp_path / "sae.json").write_text(json.dumps(description))

    latents = load_directions(path, ["stem"])["stem"]

    slow = slow_encoders.by_cell(MAPS, lambda x: slow_encoders.overcomplete(tensors, encoding, x))
    assert_equal(latents.project(MAPS), slow)


def test_latents_of_overcomplete_fire_from_their_threshold_on(tmp_path):
    tensors = {
        "encoder.final_block.0.weight": torch.eye(2),
        "encoder.final_block.0.bias": torch.zeros(2),
    }
    save_file(tensors, tmp_path / "sae.safetensors")
    encoding = {"activation": "batchtopk", "threshold": 0.5}
    description = {"format": "unitscope-encoders", "layers": {"any": encoding}}
    (tmp_path / "sae.json").write_text(json.dumps(description))

    latents = load_directions(tmp_path / "sae.safetensors", ["stem"])["stem"]

    below = torch.nextafter(torch.tensor(0.5), torch.tensor(0.0))
    maps = torch.stack([torch.tensor(0.5), below])[None, :, None, None]
    assert latents.project(maps).flatten().tolist() == [0.5, 0]


OWN = [
    {"activation": "relu"},
    {"activation": "relu", "normalise": "layer_norm"},
    {"activation": "relu", "normalise": "constant_norm"},
    {"activation": "topk", "k": 3},
    {"activation": "batchtopk", "threshold": 0.9},
    {"activation": "jumprelu", "normalise": "layer_norm"},
    {"activation": "gated"},
]


@pytest.mark.parametrize("encoding", OWN, ids=json.dumps)
@pytest.mark.parametrize("with_biases", [True, False])
def test_an_encoder_in_our_own_layout_gives_the_documented_latents(tmp_path, encoding, with_biases):
    tensors = {"L": drawn(LATENTS, CHANNELS)}
    if with_biases:
        tensors |= {"L.offset": drawn(LATENTS, seed=1), "L.pre_bias": drawn(CHANNELS, seed=2)}
    if encoding["activation"] == "jumprelu":
        tensors["L.threshold"] = drawn(LATENTS, seed=3).abs()
    if encoding["activation"] == "gated":
        tensors["L.gate_offset"] = drawn(LATENTS, seed=4)
        tensors["L.gate_log_scale"] = drawn(LATENTS, seed=5, scale=0.3)
    save_file(tensors, tmp_path / "sae.safetensors")
    description = {"format": "unitscope-encoders", "version": 1, "layers": {"L": encoding}}
    (tmp_path / "sae.json").write_text(json.dumps(description))

    directions = load_directions(tmp_path / "sae.safetensors", ["L"])

    slow = slow_encoders.by_cell(MAPS, lambda x: slow_encoders.ours(tensors, encoding, x))
    assert_equal(directions["L"].project(MAPS), slow)


@pytest.mark.parametrize("encoding", OWN, ids=json.dumps)
def test_latents_are_the_same_after_they_were_stored(tmp_path, encoding):
    tensors = {
        "L": drawn(LATENTS, CHANNELS), "L.offset": drawn(LATENTS, seed=1),
        "L.pre_bias": drawn(CHANNELS, seed=2), "L.threshold": drawn(LATENTS, seed=3).abs(),
        "L.gate_offset": drawn(LATENTS, seed=4), "L.gate_log_scale": drawn(LATENTS, seed=5),
        "M": torch.eye(CHANNELS),
    }  # fmt: skip
    description = {"format": "unitscope-encoders", "version": 1, "layers": {"L": encoding}}
    metadata = {"encoders": json.dumps(description)}
    save_file(tensors, tmp_path / "sae.safetensors", metadata)
    loaded = load_directions(tmp_path / "sae.safetensors", ["L", "M"])

    stored = directions_from_bytes(directions_to_bytes(loaded.values()), ["L", "M"])

    assert directions_sha256(stored) == directions_sha256(loaded)
    for layer in ("L", "M"):
        assert torch.equal(stored[layer].project(MAPS), loaded[layer].project(MAPS))
    assert (stored["L"].after, stored["M"].after) == (loaded["L"].after, "")


def test_a_latent_has_the_same_bits_whatever_images_share_its_batch(tmp_path):
    tensors = {"L": drawn(LATENTS, CHANNELS)}
    description = {"format": "unitscope-encoders", "layers": {"L": {"activation": "topk", "k": 3}}}
    save_file(tensors, tmp_path / "sae.safetensors", {"encoders": json.dumps(description)})
    latents = load_directions(tmp_path / "sae.safetensors", ["L"])["L"]

    together = latents.project(MAPS)

    for number, alone in enumerate(MAPS):
        assert torch.equal(latents.project(alone[None])[0], together[number])
