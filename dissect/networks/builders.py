"""What every builder of networks shares, and the builder of users' modules.

A builder takes a name and the value of --weights. Weights from a file are loaded later, by
`registry.load_network`. The builders of other libraries' networks are in `libraries`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from dissect.errors import BadSetting, listed
from dissect.images.preprocessing import Preprocessing
from dissect.networks.model_attributes import own_classes, own_preprocessing
from dissect.networks.numerics import model_dtype, uncompiled

PUBLISHED = "DEFAULT"  # --weights DEFAULT: the weights that the library publishes, downloaded
UNTRAINED = "untrained"  # --weights untrained: random weights
DEFAULT_SEED = 0  # of untrained weights


@dataclass(frozen=True)
class BuiltNetwork:
    """A model before weights from a file are loaded.

    Attributes:
        weights: where its weights come from: DEFAULT, "package", "file", "factory" or "untrained".
    """

    model: nn.Module
    preprocessing: Preprocessing
    weights: str
    classes: tuple[str, ...] = ()


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Seed torch while a network is built, and restore its state; None leaves torch as it is."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def with_random_weights(make: Callable[[], nn.Module], weights: str | None) -> nn.Module:
    """A model with random weights, before those of a file are loaded, if --weights names one."""
    if weights is None:
        print(
            f"No --weights: the network is untrained (seed {DEFAULT_SEED}). "
            f"Name a file, or --weights {PUBLISHED} for the published ones.",
            file=sys.stderr,
        )
    with seeded(None if weights == UNTRAINED else DEFAULT_SEED):
        return make()


def from_module(model: nn.Module, spec: str, weights: str | None = None) -> BuiltNetwork:
    """The builder of networks that users hand over as modules: reads the input they describe.

    Raises:
        BadSetting: its attributes do not say what input it takes.
    """
    preprocessing = own_preprocessing(model)
    kind = "factory" if getattr(model, "is_trained", True) else UNTRAINED
    if lazy := _lazy(model):
        kind = UNTRAINED if all(map(is_lazy, model.parameters())) else kind
        _initialise(model, preprocessing, spec, weights)
        if weights is None:
            print(
                f"{spec} has lazy modules without weights ({listed(lazy)}); they are "
                f"drawn at random (seed {DEFAULT_SEED}). Name a file with --weights.",
                file=sys.stderr,
            )
    return BuiltNetwork(model, preprocessing, kind, own_classes(model))


def _lazy(model: nn.Module) -> list[str]:
    """The names of tensors whose sizes are not known yet."""
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return [name for name, value in tensors if is_lazy(value)]


def _initialise(
    model: nn.Module, preprocessing: Preprocessing, spec: str, weights: str | None
) -> None:
    """Let lazy modules see an image, from which they learn their sizes; their weights are drawn."""
    side = preprocessing.crop
    image = torch.zeros(1, preprocessing.channels, side, side, dtype=model_dtype(model))
    try:
        with seeded(None if weights == UNTRAINED else DEFAULT_SEED), torch.no_grad(), uncompiled():
            model.eval()(image)
    except Exception as error:  # the user's code may raise anything
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadSetting(
            f"{spec} has lazy modules, and their sizes cannot be learned from an image of "
            f"{tuple(image.shape[1:])}: {reason}"
        ) from error
    if unused := _lazy(model):
        raise BadSetting(
            f"{spec} has lazy modules that do not run when it sees an image ({listed(unused)}): "
            "leave them out, or give them their sizes."
        )
