"""Encoders that cannot be read are refused in one sentence: the value, and the way out.

To hold another wrong file, add a row (what is wrong, the files, the sentence).
"""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from dissect.errors import BadDirections, UnreadableWeights
from dissect.networks.direction_files.files import load_directions
from dissect.networks.layers import layer_infos
from dissect.networks.registry import load_network

CHANNELS, LATENTS = 6, 9
TINY = {
    "W_enc": torch.ones(CHANNELS, LATENTS),
    "b_enc": torch.zeros(LATENTS),
    "b_dec": torch.zeros(CHANNELS),
    "W_dec": torch.ones(LATENTS, CHANNELS),
}
SIZES = {"d_in": CHANNELS, "d_sae": LATENTS}
STANDARD = {"architecture": "standard", **SIZES}
PRISMA = {**STANDARD, "activation_fn_str": "relu", "normalize_activations": "none"}
LINEAR = {
    "encoder.final_block.0.weight": torch.ones(LATENTS, CHANNELS),
    "encoder.final_block.0.bias": torch.zeros(LATENTS),
}
OWN = {"L": torch.ones(LATENTS, CHANNELS)}


def without(tensors, *names):
    return {name: tensor for name, tensor in tensors.items() if name not in names}


def with_nan(tensors, name):
    broken = tensors[name].clone()
    broken.view(-1)[1] = float("nan")
    return tensors | {name: broken}


def described(**encoding):
    return {"format": "unitscope-encoders", "version": 1, "layers": {"L": encoding}}


SAELENS_ROWS = [  # (tensors, cfg.json, what the error says)
    (without(TINY, "W_enc"), STANDARD, "'W_enc'|no directions for layer"),
    (without(TINY, "b_enc"), STANDARD, "has no tensor 'b_enc'; it has W_dec, W_enc, b_dec"),
    (without(TINY, "b_dec"), STANDARD, "has no tensor 'b_dec'"),
    (TINY, {"architecture": "jumprelu"}, "has no tensor 'threshold'"),
    (TINY, {"architecture": "gated"}, "has no tensor 'b_gate'"),
    (TINY, {"architecture": "batchtopk"}, "has no tensor 'topk_threshold'"),
    (without(TINY, "W_dec"), {"architecture": "topk", "k": 2,
     "rescale_acts_by_decoder_norm": True}, "has no tensor 'W_dec'"),
    (TINY | {"W_enc": TINY["W_enc"].T.contiguous()}, STANDARD, "transposed, so save W_enc.T"),
    (TINY | {"W_enc": TINY["W_enc"].T.contiguous()}, {}, "has 9 numbers, not one for each of 6"),
    (TINY, {**STANDARD, "d_in": 768}, r"\(6, 9\), but .* d_in 768 and d_sae 9: they are of diff"),
    (TINY | {"W_dec": torch.ones(CHANNELS, LATENTS)}, {"architecture": "topk", "k": 2,
     "rescale_acts_by_decoder_norm": True}, r"'W_dec' in .* \(6, 9\), not \(9, 6\)"),
    (TINY | {"b_enc": torch.zeros(4)}, STANDARD, "'b_enc' in .* has 4 numbers, not one for each"),
    (with_nan(TINY, "W_enc"), STANDARD, r"'W_enc' in .* is nan at \(0, 1\).* earlier checkpoint"),
    (with_nan(TINY, "b_dec"), STANDARD, r"'b_dec' in .* is nan at \(1,\)"),
    (TINY | {"W_enc": torch.ones(CHANNELS, LATENTS).int()}, STANDARD, "is torch.int32 of"),
    (TINY, {**STANDARD, "activation_fn": "tanh-relu"}, "activation 'tanh-relu'.* known are"),
    (TINY, {"architecture": "temporal"}, "'temporal', which is not read: known are .* standard"),
    (TINY, {"architecture": "transcoder"}, "'transcoder', which is not read"),
    (TINY, {"architecture": "gated", "normalize_decoder": True},
     "normalize_decoder is true.* fold the decoder's norms"),
    (TINY, {"architecture": "topk"}, "k is None .* a whole number from 1 to 9"),
    (TINY, {"architecture": "topk", "k": 10}, "k is 10 "),
    (TINY, {"architecture": "topk", "k": 0}, "k is 0 "),
    (TINY, {"architecture": "topk", "k": 2.5}, "k is 2.5 "),
    (TINY, {**STANDARD, "normalize_activations": "expected_average_only_in"},
     "does not hold .* fold_activation_norm_scaling_factor"),
    (TINY, {**STANDARD, "normalize_activations": True}, "fold_activation_norm_scaling_factor"),
    (TINY, {**STANDARD, "normalize_activations": "batch"}, "by 'batch', which is not known.*none"),
    (TINY, [1], "holds a list, no fields"),
    (TINY, None, "neither cfg.json nor config.json is beside it"),
]  # fmt: skip


@pytest.mark.parametrize(("tensors", "cfg", "says"), SAELENS_ROWS)
def test_an_encoder_of_saelens_that_cannot_be_read_is_refused(tmp_path, tensors, cfg, says):
    save_file(tensors, tmp_path / "sae_weights.safetensors")
    if cfg is not None:
        (tmp_path / "cfg.json").write_text(json.dumps(cfg))

    with pytest.raises(BadDirections, match=says):
        load_directions(tmp_path, ["stem"])


PRISMA_ROWS = [
    (without(TINY, "b_dec"), PRISMA, "has no tensor 'b_dec'"),
    (TINY, {**PRISMA, "activation_fn_str": "tanh-relu"}, "'standard' with activation 'tanh-relu'"),
    (TINY, {**PRISMA, "architecture": "jumprelu"}, "'jumprelu' with .* known are standard"),
    (TINY, {**PRISMA, "activation_fn_str": "topk"}, "k is None"),
    (TINY, {**PRISMA, "cls_token_only": True}, "class tokens alone.*cls_token_only is true"),
    (TINY, {**PRISMA, "is_transcoder": True}, "is a transcoder"),
]


@pytest.mark.parametrize(("tensors", "cfg", "says"), PRISMA_ROWS)
def test_an_encoder_of_vit_prisma_that_cannot_be_read_is_refused(tmp_path, tensors, cfg, says):
    torch.save(tensors, tmp_path / "weights.pt")
    (tmp_path / "config.json").write_text(json.dumps(cfg))

    with pytest.raises(BadDirections, match=says):
        load_directions(tmp_path, ["stem"])


OVERCOMPLETE_ROWS = [
    (LINEAR, None, "does not say its activation: write sae.json beside it"),
    (LINEAR, described(activation="jumprelu"), "says 'jumprelu', but it has no 'thresholds'"),
    (LINEAR | {"thresholds": torch.zeros(LATENTS)}, described(activation="relu"),
     "says 'relu', but it has 'thresholds'"),
    (LINEAR | {"encoder.mlp_blocks.0.0.weight": torch.ones(6, 6)}, described(activation="relu"),
     "several layers"),
    (LINEAR | {"encoder.final_block.1.weight": torch.ones(LATENTS)}, described(activation="relu"),
     "LayerNorm"),
    (LINEAR | {"Q": torch.ones(4)}, described(activation="relu"), "QSAE"),
    (LINEAR, described(activation="gated"), "no gated encoder"),
    (LINEAR, described(activation="topk", k=10), "k is 10 .* more than its 9 latents"),
    (with_nan(LINEAR, "encoder.final_block.0.weight"), described(activation="relu"), "is nan at"),
]  # fmt: skip


@pytest.mark.parametrize(("tensors", "description", "says"), OVERCOMPLETE_ROWS)
def test_an_encoder_of_overcomplete_that_cannot_be_read_is_refused(
    tmp_path, tensors, description, says
):
    save_file(tensors, tmp_path / "sae.safetensors")
    if description:
        (tmp_path / "sae.json").write_text(json.dumps(description))

    with pytest.raises(BadDirections, match=says):
        load_directions(tmp_path / "sae.safetensors", ["stem"])


OWN_ROWS = [  # (tensors, the text of the description, what the error says)
    (OWN, "{", "sae.json is no JSON"),
    (OWN, "[]", "holds a list"),
    (OWN, "{}", "describes no encoder .format: Field required.; if it is about something else"),
    (OWN, {"format": "other", "layers": {}}, "format: .*, got 'other'"),
    (OWN, described(activation="gelu"), "layers.L.activation: .*'relu'.*, got 'gelu'"),
    (OWN, described(), "layers.L.activation: Field required"),
    (OWN, described(activation="topk"), "activation 'topk' needs 'k'"),
    (OWN, described(activation="topk", k=0), "layers.L.k: .* got 0"),
    (OWN, described(activation="relu", k=3), "'k' goes with activation 'topk' alone"),
    (OWN, described(activation="batchtopk"), "activation 'batchtopk' needs 'threshold'"),
    (OWN, described(activation="batchtopk", threshold=-1), "threshold: .* got -1"),
    (OWN, described(activation="relu", normalise="batch"), "normalise: .* got 'batch'"),
    (OWN, described(activation="relu", bias=1), "layers.L.bias: .* got 1"),
    (OWN, described(activation="jumprelu"), "has no tensor 'L.threshold'"),
    (OWN, described(activation="gated"), "has no tensor 'L.gate_offset'"),
    (OWN, described(activation="topk", k=50), "k is 50 .* more than its 9 latents"),
    (OWN | {"L.pre_bias": torch.ones(LATENTS)}, described(activation="relu"),
     "'L.pre_bias' in .* has 9 numbers, not one for each of 6 channels"),
    (with_nan(OWN, "L"), described(activation="relu"), r"'L' in .* is nan at \(0, 1\)"),
    ({"M": OWN["L"]}, described(activation="relu"), "'L', which has no tensor there; it has M"),
    (OWN | {"L.pre_bias": torch.ones(CHANNELS)}, None, "has 'L.pre_bias', of an encoder, but no"),
]  # fmt: skip


@pytest.mark.parametrize(("tensors", "description", "says"), OWN_ROWS)
def test_an_encoder_in_our_layout_that_cannot_be_read_is_refused(
    tmp_path, tensors, description, says
):
    save_file(tensors, tmp_path / "sae.safetensors")
    if description is not None:
        text = description if isinstance(description, str) else json.dumps(description)
        (tmp_path / "sae.json").write_text(text)

    with pytest.raises(BadDirections, match=says):
        load_directions(tmp_path / "sae.safetensors", ["L"])


def test_an_encoder_of_another_width_is_refused_before_any_image_is_read(tmp_path):
    network = load_network("tests.dissect.custom_networks:small")
    (tmp_path / "cfg.json").write_text(json.dumps(STANDARD))
    save_file(TINY, tmp_path / "sae_weights.safetensors")
    directions = load_directions(tmp_path, ["deep"])  # deep has 8 channels, the encoder 6

    with pytest.raises(BadDirections, match="have 6 channels, the layer has 8: take the layer"):
        layer_infos(replace(network, directions=directions), ["deep"])


def test_directions_that_look_transposed_say_so(tmp_path):
    network = load_network("tests.dissect.custom_networks:small")
    save_file({"deep": torch.ones(8, 30)}, tmp_path / "turned.safetensors")
    directions = load_directions(tmp_path / "turned.safetensors", ["deep"])

    with pytest.raises(BadDirections, match="look transposed, so save the transpose"):
        layer_infos(replace(network, directions=directions), ["deep"])


def test_the_encoder_of_one_layer_serves_one_layer(tmp_path):
    (tmp_path / "cfg.json").write_text(json.dumps(STANDARD))
    save_file(TINY, tmp_path / "sae_weights.safetensors")

    with pytest.raises(BadDirections, match="of one layer, and 2 were named: take one"):
        load_directions(tmp_path, ["stem", "deep"])


def test_a_folder_without_one_file_of_tensors_lists_what_it_holds(tmp_path):
    with pytest.raises(BadDirections, match="holds no file of tensors"):
        load_directions(tmp_path, ["stem"])
    torch.save(TINY, tmp_path / "n_images_1.pt")
    torch.save(TINY, tmp_path / "n_images_2.pt")
    with pytest.raises(BadDirections, match="holds n_images_1.pt, n_images_2.pt: name one file"):
        load_directions(tmp_path, ["stem"])


class Config:
    """Stands for the configuration class that old files of ViT-Prisma pickle."""


def test_the_tensors_beside_an_object_of_a_program_are_read_without_it(tmp_path):
    torch.save({"cfg": Config(), "state_dict": TINY}, tmp_path / "weights.pt")
    (tmp_path / "config.json").write_text(json.dumps(PRISMA))

    assert list(load_directions(tmp_path, ["stem"])) == ["stem"]


def test_a_pickle_without_tensors_is_not_opened(tmp_path):
    torch.save({"cfg": Config()}, tmp_path / "weights.pt")
    (tmp_path / "config.json").write_text(json.dumps(PRISMA))

    with pytest.raises(UnreadableWeights, match="is not a plain file of tensors"):
        load_directions(tmp_path, ["stem"])
