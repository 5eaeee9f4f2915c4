import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from dissect.errors import BadSetting, UnreadableWeights
from dissect.networks.registry import load_network
from dissect.networks.weights import file_sha256, reinitialise, state_sha256
from tests.dissect.custom_networks import Small


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_weights_come_from_a_file(tmp_path, ending):
    other = Small()
    torch.nn.init.constant_(other.deep.bias, 7.0)
    path = tmp_path / f"weights.{ending}"
    if ending == "pth":
        torch.save({"state_dict": {f"module.{k}": v for k, v in other.state_dict().items()}}, path)
    else:
        save_file(other.state_dict(), path)

    network = load_network("tests.dissect.custom_networks:small", str(path))

    assert torch.equal(network.model.deep.bias, other.deep.bias)
    assert network.weights == path.name


def test_one_of_several_sets_is_part_of_the_networks_identity(tmp_path):
    path, sets = tmp_path / "w.pth", {}
    for name in ("student", "teacher"):
        torch.manual_seed(len(sets))
        reinitialise(model := Small())
        sets[name] = model.state_dict()
    torch.save(sets, path)

    one, other = (
        load_network("tests.dissect.custom_networks:small", f"{path}:{name}") for name in sets
    )

    assert (one.weights, other.weights) == ("w.pth:student", "w.pth:teacher")
    assert torch.equal(other.model.deep.weight, sets["teacher"]["deep.weight"])
    assert one.weights_sha256 != other.weights_sha256
    assert other.weights_sha256 == file_sha256(path, "teacher")


def test_a_pickle_that_runs_code_is_not_opened(tmp_path):
    class Boom:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = tmp_path / "evil.pth"
    torch.save({"weight": Boom()}, path)

    with pytest.raises(UnreadableWeights, match="not a plain file of tensors"):
        load_network("tests.dissect.custom_networks:small", str(path))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"rubbish" * 100, pickle.dumps([1, 2])])
def test_unreadable_weights_are_one_sentence(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)

    with pytest.raises(UnreadableWeights, match=r"weights\.pth"):
        load_network("tests.dissect.custom_networks:small", str(path))


def test_weights_that_do_not_fit_say_which(tmp_path):
    torch.save({"stem.weight": torch.zeros(1)}, tmp_path / "w.pth")

    with pytest.raises(UnreadableWeights, match="do not fit the network"):
        load_network("tests.dissect.custom_networks:small", str(tmp_path / "w.pth"))


def test_reinitialized_weights_depend_on_the_seed_alone():
    digests = []
    for seed in (1, 1, 2):
        model = Small()
        torch.manual_seed(seed)
        reinitialise(model)
        digests.append(state_sha256(model))

    assert digests[0] == digests[1] != digests[2]


def test_parameters_without_a_rule_to_draw_them_are_refused():
    model = Small()
    model.scale = nn.Parameter(torch.ones(1))

    with pytest.raises(BadSetting, match="has parameters, but no reset_parameters"):
        reinitialise(model)


def test_every_entry_of_a_state_counts_in_its_hash_and_none_without_values():
    class Counted(nn.Linear):
        def get_extra_state(self):
            return {"count": self.count, "scale": torch.ones(2)}

        def set_extra_state(self, state):
            pass

    digests = []
    for count in (1, 1, 2):
        torch.manual_seed(0)
        model = Counted(2, 2)
        model.count = count
        digests.append(state_sha256(model))
    assert digests[0] == digests[1] != digests[2]
    with pytest.raises(BadSetting, match="weight is on torch's meta device"):
        state_sha256(nn.Linear(2, 2, device="meta"))
