"""What every builder of networks shares, and the builder of users' factories.

A builder takes a name and the value of --weights. Weights from a file are loaded later, by
`registry.load_network`. The builders of other libraries' networks are in `libraries`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from dissect.errors import BadSetting, UnreadableWeights
from dissect.images.preprocessing import Preprocessing
from dissect.networks.factories import model_from_factory
from dissect.networks.numerics import model_dtype
from dissect.networks.state_matching import listed

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


def downloaded(make: Callable[[], nn.Module]) -> nn.Module:
    """A model with the weights that its library publishes.

    Raises:
        UnreadableWeights: they cannot be downloaded, or there are none.
    """
    try:
        return make()
    except Exception as error:  # libraries for downloads raise their own errors
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UnreadableWeights(
            f"The published weights could not be downloaded ({reason}); "
            "download them where there is a network and name the file with --weights."
        ) from error


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


def from_factory(source: str, name: str, weights: str | None = None) -> BuiltNetwork:
    """Build a network with a user's factory; its attributes describe its input.

    Raises:
        UnknownNetwork: the factory fails, or does not return an nn.Module.
        UnreadableWeights: published weights are asked for.
        BadSetting: its attributes do not say what input it takes.
    """
    if weights == PUBLISHED:
        raise UnreadableWeights(
            f"{source}:{name} is your own, so no library publishes weights for it: leave out "
            f"--weights {PUBLISHED}, or name a file."
        )
    model = model_from_factory(source, name)
    preprocessing = _own_preprocessing(model)
    kind = "factory" if getattr(model, "is_trained", True) else UNTRAINED
    if lazy := _lazy(model):
        kind = UNTRAINED if all(map(is_lazy, model.parameters())) else kind
        _initialise(model, preprocessing, f"{source}:{name}", weights)
        if weights is None:
            print(
                f"{source}:{name} has lazy modules without weights ({listed(lazy)}); they are "
                f"drawn at random (seed {DEFAULT_SEED}). Name a file with --weights.",
                file=sys.stderr,
            )
    return BuiltNetwork(model, preprocessing, kind, tuple(getattr(model, "classes", ())))


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
        with seeded(None if weights == UNTRAINED else DEFAULT_SEED), torch.no_grad():
            model.eval()(image)
    except Exception as error:  # the user's code may raise anything
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadSetting(
            f"{spec} has lazy modules, and their sizes cannot be learnt from an image of "
            f"{tuple(image.shape[1:])}: {reason}"
        ) from error
    if unused := _lazy(model):
        raise BadSetting(
            f"{spec} has lazy modules that do not run when it sees an image ({listed(unused)}): "
            "leave them out, or give them their sizes."
        )


def _own_preprocessing(model: nn.Module) -> Preprocessing:
    """Preprocessing from the model's input_size, mean, std and resize, where it has them.

    Defaults are 224 px, a mean of 0.5 and a deviation of 0.5. Input of 224 px is cropped from 256
    as usual; any other size takes the whole shorter side, so that a network for 32 px images sees
    all of an image.
    """
    input_channels, crop = channels_and_side(getattr(model, "input_size", 224))
    mean, std = (_per_channel(getattr(model, name, 0.5)) for name in ("mean", "std"))
    own = input_channels or (_input_channels(model) if len(mean) == 1 else 1)
    channels = max(len(mean), len(std), own)
    if channels not in (1, 3, 4):
        raise BadSetting(f"Networks take 1, 3 or 4 channels; this one takes {channels}.")
    mean, std = (value * channels if len(value) == 1 else value for value in (mean, std))
    resize = int(getattr(model, "resize", 256 if crop == 224 else crop))
    return Preprocessing(resize=resize, crop=crop, mean=mean, std=std)


def channels_and_side(size: Any) -> tuple[int | None, int]:
    """Channels and side in px of a network's input, from its input_size.

    >>> channels_and_side(64), channels_and_side((64, 64)), channels_and_side((1, 64, 64))
    ((None, 64), (None, 64), (1, 64))

    Args:
        size: the side, or (height, width), or (channels, height, width).

    Raises:
        BadSetting: it is none of these, or its sides are unequal.
    """
    try:
        numbers = [int(number) for number in (size if hasattr(size, "__iter__") else [size])]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 2, 3) or min(numbers) < 1:
        raise BadSetting(
            f"A network's input_size is its side in px, (height, width) or (channels, height, "
            f"width), not {size!r}."
        )
    if len(numbers) > 1 and numbers[-2] != numbers[-1]:
        raise BadSetting(
            f"The network's input_size is {tuple(numbers)}, {numbers[-2]} x {numbers[-1]} px; "
            "networks are shown square views of an image. Give it a square input_size, and let it "
            "cut what it needs from that in its forward."
        )
    return (numbers[0] if len(numbers) == 3 else None), numbers[-1]


def _per_channel(value: Any) -> tuple[float, ...]:
    if isinstance(value, torch.Tensor):
        value = value.flatten().tolist()
    return (float(value),) if isinstance(value, (int, float)) else tuple(float(v) for v in value)


def _input_channels(model: nn.Module) -> int:
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.in_channels:  # 0 where it is lazy
            return module.in_channels
    return 3
