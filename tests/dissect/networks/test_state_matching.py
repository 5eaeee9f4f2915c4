"""A table of checkpoints as training programs save them: add a row for another."""

import argparse
import pathlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dissect.errors import UnreadableWeights
from dissect.networks.checkpoints import state_dicts
from dissect.networks.state_matching import choose_weights
from dissect.networks.weights import load_weights


def network(seed=0, classes=3):
    torch.manual_seed(seed)
    return nn.Sequential(
        OrderedDict(stem=nn.Conv2d(3, 4, 3), norm=nn.BatchNorm2d(4), head=nn.Linear(4, classes))
    )


RIGHT = network(seed=1).state_dict()
OTHER = network(seed=2).state_dict()
SHAPES = {name: tensor.shape for name, tensor in RIGHT.items()}
STEP = {"state": {0: {"exp_avg": torch.ones(4, 3, 3, 3)}}, "param_groups": [{"lr": 0.1}]}


def under(prefix, state=RIGHT):
    return {prefix + name: tensor for name, tensor in state.items()}


def part_wrapped(module, wrapper):
    return {name.replace(module, f"{module}.{wrapper}"): t for name, t in RIGHT.items()}


class Program:
    """An object of the training program, whose class is not on this machine."""

    def __init__(self):
        self.lr = 0.1


UNWRAPPED = {
    "plain": (RIGHT, ""),
    "data-parallel": (under("module."), "'module'"),
    "compiled": (under("_orig_mod."), "'_orig_mod'"),
    "compiled data-parallel": (under("_orig_mod.module."), "'_orig_mod.module'"),
    "a data-parallel part": (part_wrapped("stem", "module"), ""),
    "a compiled part": (part_wrapped("norm", "_orig_mod"), ""),
    "model": ({"model": RIGHT, "optimizer": STEP, "epoch": 7}, "'model', left optimizer, epoch"),
    "model_state_dict": ({"model_state_dict": RIGHT, "loss": 0.5}, "'model_state_dict', left loss"),
    "net": ({"net": under("module."), "acc": 91.2}, "'net.module', left acc"),
    "lightning": (
        {"state_dict": under("model.") | {"loss.weight": torch.ones(3)}, "epoch": 3},
        "'state_dict.model', left epoch and 1 other tensors",
    ),
    "swa": ({"n_averaged": torch.tensor(3)} | under("module."), "'module', left 1 other tensors"),
    "options": (
        {"model": RIGHT, "args": argparse.Namespace(lr=0.1), "out": pathlib.PurePosixPath("out")},
        "'model', left args, out",
    ),
    "numpy": ({"model": RIGHT, "best": np.float64(3.5)}, "'model', left best"),
    "a program's own class": ({"model": RIGHT, "config": Program()}, "'model', left config"),
    "two copies": ({"model": RIGHT, "state_dict": dict(RIGHT)}, "'model'"),
    "half of another size": (
        {"state_dict": under("student.") | under("teacher.", network(classes=9).state_dict())},
        "'state_dict.student'",
    ),
    "metadata of versions": (network(seed=1).state_dict(), ""),
    "before num_batches_tracked": (
        {name: tensor for name, tensor in RIGHT.items() if "num_batches" not in name}, ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNWRAPPED)
def test_weights_are_unwrapped_and_what_is_left_is_said(kind, tmp_path, capsys):
    content, says = UNWRAPPED[kind]
    torch.save(content, tmp_path / "w.pth")
    model = network()

    load_weights(model, tmp_path / "w.pth")

    assert all(torch.equal(t, RIGHT[name]) for name, t in model.state_dict().items())
    out = capsys.readouterr()
    assert out.out == ""
    assert says in out.err
    assert bool(out.err) == bool(says)


SEVERAL = {
    "ema": ({"state_dict": OTHER, "state_dict_ema": RIGHT}, ["state_dict", "state_dict_ema"]),
    "teacher": (
        {"student": under("module.backbone.", OTHER), "teacher": under("backbone.")},
        ["student.module.backbone", "teacher.backbone"],
    ),
    "prefixes": (
        {"state_dict": under("model.", OTHER) | under("ema.model.")},
        ["state_dict.model", "state_dict.ema.model"],
    ),
    "one without a prefix": (OTHER | under("ema."), ["the top level", "ema"]),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_several_sets_of_weights_are_named_and_one_is_chosen_by_name(kind, tmp_path):
    content, names = SEVERAL[kind]
    torch.save(content, tmp_path / "w.pth")
    model = network()

    with pytest.raises(UnreadableWeights, match="Name one: --weights .*w.pth:") as caught:
        load_weights(model, tmp_path / "w.pth")
    assert f"{names[0]}, {names[1]}" in str(caught.value)
    load_weights(model, tmp_path / "w.pth", names[1])
    assert torch.equal(model.head.weight, RIGHT["head.weight"])
    load_weights(model, tmp_path / "w.pth", names[0].removeprefix("the top level"))
    assert torch.equal(model.head.weight, OTHER["head.weight"])


MISMATCHES = {
    "another head": (
        network(classes=9).state_dict(),
        ["head.weight is 9 x 4 in the file and 3 x 4 in the network", "head.bias is 9 in"],
    ),
    "no head": (
        {name: tensor for name, tensor in RIGHT.items() if "head" not in name},
        ["it has 2 of its 9 tensors more than the file (head.weight, head.bias)"],
    ),
    "more": (
        {"model": RIGHT | {f"aux.{n}": torch.ones(1) for n in range(5)}},
        ["it lacks 5 of the file's 14 tensors (aux.0, aux.1, aux.2, ...)"],
    ),
    "other names": (
        {"state_dict": {"conv1.weight": torch.ones(1), "fc.bias": torch.ones(1)}},
        ["8 of its 9 tensors", "(stem.weight, stem.bias, norm.weight, ...)",
         "it lacks 2 of the file's 2 tensors (conv1.weight, fc.bias)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISMATCHES)
def test_weights_that_do_not_fit_list_the_first_names_on_both_sides(kind, tmp_path):
    content, says = MISMATCHES[kind]
    torch.save(content, tmp_path / "w.pth")

    with pytest.raises(UnreadableWeights, match="do not fit the network") as caught:
        load_weights(network(), tmp_path / "w.pth")
    assert [part for part in says if part not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


def test_a_set_that_is_not_there_is_named_with_those_that_are(tmp_path):
    torch.save({"model": RIGHT, "ema": OTHER}, tmp_path / "w.pth")

    with pytest.raises(UnreadableWeights, match=r"no weights 'teacher'; it has model, ema\."):
        load_weights(network(), tmp_path / "w.pth", "teacher")


@pytest.mark.parametrize(
    "content", [{"model": {}}, {"epoch": 3}, [torch.ones(3)], torch.ones(3), {"model": [1, 2]}]
)
def test_a_checkpoint_without_weights_is_one_sentence(content, tmp_path):
    torch.save(content, tmp_path / "w.pth")

    with pytest.raises(UnreadableWeights, match=r"w\.pth"):
        load_weights(network(), tmp_path / "w.pth")


@pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")
def test_a_whole_pickled_model_and_a_torchscript_file_say_what_to_save(tmp_path):
    torch.save(Program(), tmp_path / "model.pth")
    (tmp_path / "script.pt").write_bytes(torchscript(tmp_path))

    for name in ("model.pth", "script.pt"):
        with pytest.raises(UnreadableWeights, match=r"[Ss]ave the (model's )?state_dict"):
            load_weights(network(), tmp_path / name)


def torchscript(folder):
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), folder / "linear.pt")
    return (folder / "linear.pt").read_bytes()


def test_versions_of_modules_are_kept_below_a_prefix():
    """torch converts old names by the versions that a state_dict carries."""
    state = network().state_dict()

    (one,) = state_dicts({"model": state})
    assert one.metadata["norm"] == {"version": 2}


WORDS = st.text("abmodulestnhorig_", min_size=1, max_size=9)
PATHS = st.lists(WORDS, max_size=3)


def nested(keys, content):
    for key in reversed(keys):
        content = {key: content}
    return content


@given(keys=PATHS, prefix=PATHS, rest=st.dictionaries(WORDS, st.integers() | st.none(), max_size=3))
def test_weights_are_the_same_below_any_keys_and_prefix(keys, prefix, rest):
    start = "".join(f"{part}." for part in prefix)
    content = {**rest, **nested(keys, under(start))}

    match = choose_weights(content, SHAPES, Path("w.pth"), None)

    assert match.fits
    assert match.address == ".".join([*keys, *prefix])
    assert all(torch.equal(tensor, RIGHT[name]) for name, tensor in match.state.items())
    assert match.state.keys() == RIGHT.keys()


@given(
    places=st.lists(PATHS.map(tuple), min_size=2, max_size=2, unique=True), split=st.integers(0, 3)
)
def test_one_of_two_different_sets_is_never_taken_without_a_word(places, split):
    """Each set at the same depth of keys, or with its words as a prefix of names."""
    content = {}
    for place, state in zip(places, (RIGHT, OTHER), strict=True):
        keys, prefix = place[:split], place[split:]
        inner = content
        for key in keys:
            inner = inner.setdefault(key, {})
        inner.update(under("".join(f"{part}." for part in prefix), state))

    with pytest.raises(UnreadableWeights, match="several sets of weights that fit"):
        choose_weights(content, SHAPES, Path("w.pth"), None)
