"""Networks of any kind are opened, and a user's module is afterwards what it was."""

import pytest
import torch
from torch import nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper

import dissect
from dissect.errors import BadSetting, UnreadableWeights
from dissect.front_door.arguments import opened
from tests.dissect.custom_networks import Small


def in_training():
    """A model as a training has it: some parts in evaluation mode, one frozen, one wrapped."""
    model = nn.Sequential(Small(), nn.Dropout())
    model[1].eval()
    model[0].stem.weight.requires_grad_(False)
    model[0].deep = checkpoint_wrapper(model[0].deep)
    model.input_size = 48
    return model


def state(model):
    """All that a call could leave behind."""
    return (
        [(name, id(part), part.training) for name, part in model.named_modules()],
        [(name, p.requires_grad, p.data_ptr(), p.grad) for name, p in model.named_parameters()],
        [sorted(vars(part)) for part in model.modules()],
        [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules()],
    )


@pytest.mark.parametrize("wrap", [lambda model: model, nn.DataParallel])
def test_a_module_is_after_a_call_what_it_was(wrap, noise_folder):
    model = wrap(in_training())
    before, weights = state(model), [tensor.clone() for tensor in model.state_dict().values()]

    dissect.exemplars(model, "0.deep", noise_folder, top=2)

    assert state(model) == before
    assert all(map(torch.equal, weights, model.state_dict().values()))


def test_a_module_is_what_it_was_after_an_error_too(noise_folder):
    model = in_training()
    before = state(model)

    with pytest.raises(dissect.DissectError, match="no layer named 'dep'"):
        dissect.exemplars(model, "dep", noise_folder)

    assert state(model) == before


def test_a_module_in_channels_last_stays_so(noise_folder):
    model = Small().to(memory_format=torch.channels_last)

    dissect.exemplars(model, "deep", noise_folder, top=2)

    assert model.deep.weight.is_contiguous(memory_format=torch.channels_last)
    assert not model.deep.weight.is_contiguous()


def test_a_module_runs_in_evaluation_mode(noise_folder):
    model = nn.Sequential(Small(), nn.Dropout(0.9)).train()
    model.input_size = 48

    first, second = (dissect.exemplars(model, "1", noise_folder, top=2) for _ in range(2))

    assert (first.layers["1"].score == second.layers["1"].score).all()


def test_a_network_is_its_spec_its_module_or_what_load_network_returns():
    networks = ("tests.dissect.custom_networks:small", Small(), dissect.load_network(Small()))

    first, second, third = (dissect.layers(network).rows() for network in networks)

    assert first == second == third


@pytest.mark.parametrize("network", [7, None, Small, torch.zeros(3)])
def test_what_is_no_network_is_refused(network):
    with pytest.raises(BadSetting, match="A network is a SPEC such as torchvision:alexnet"):
        dissect.layers(network)


def test_load_network_takes_the_transform_and_classes_of_a_module():
    from torchvision.transforms import v2

    transform = v2.Compose([v2.Resize(50), v2.CenterCrop(48)])
    network = dissect.load_network(Small(), transform=transform, classes=["a", "b", "c", "d"])

    assert (network.preprocessing.resize, network.preprocessing.crop) == (50, 48)
    assert network.classes == ("a", "b", "c", "d")


def test_load_network_takes_the_axes_of_layers_that_do_not_tell_theirs():
    class Sorted(nn.Module):
        """What comes after a sort does not tell its axes: (images, cells, channels) here."""

        input_size = 32

        def __init__(self):
            super().__init__()
            self.after = nn.Identity()

        def forward(self, x):
            return self.after(x.flatten(2).transpose(1, 2).sort(dim=1).values[:, :48])

    axes = dissect.AxisOptions(grid=(8, 6), channels="last")

    assert "after" in dissect.layers(Sorted()).left_out
    layer = dissect.layers(dissect.load_network(Sorted(), axes=axes)).layers["after"]
    assert (layer.unit_count, layer.map_size) == (3, (8, 6))


@pytest.mark.parametrize("weights", ["DEFAULT", "untrained"])
def test_a_module_of_ones_own_has_its_weights(weights):
    with pytest.raises(UnreadableWeights, match="Small is a module of your own"):
        dissect.load_network(Small(), weights)


def test_a_module_is_opened_where_its_parameters_are():
    with opened(Small()) as (_, device):
        assert device == torch.device("cpu")
