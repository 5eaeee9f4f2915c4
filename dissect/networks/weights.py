"""Weights of networks: loaded from files or downloaded, drawn anew, and hashed."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from dissect.errors import BadSetting, UnreadableWeights, listed
from dissect.networks.axes.traced_operation import leaves_of
from dissect.networks.checkpoints import read_checkpoint
from dissect.networks.state_matching import Match, choose_weights


def load_weights(model: nn.Module, path: Path, address: str | None = None) -> None:
    """Load weights from a file into a model; `checkpoints` unwraps what else is in it.

    Args:
        address: of one of several sets of weights in the file.

    Raises:
        UnreadableWeights: the file is missing, holds no weights or several, or does not fit.
    """
    expected = {n: t.shape for n, t in model.state_dict().items() if isinstance(t, Tensor)}
    match = choose_weights(read_checkpoint(path), expected, path, address)
    state = OrderedDict(match.state)
    if match.metadata:
        state._metadata = OrderedDict(match.metadata)  # type: ignore[attr-defined]
    try:
        model.load_state_dict(state)  # converts old names by itself, so it has the last word
    except Exception as error:  # some modules check their versions
        reason = _mismatch(match, expected) if not match.fits else str(error).splitlines()[0]
        raise UnreadableWeights(
            f"The weights in {path} do not fit the network: {reason}."
        ) from error


def _mismatch(match: Match, expected: Mapping[str, torch.Size]) -> str:
    """What differs, with the first few names on both sides."""
    parts = []
    if match.missing:
        count = f"{len(match.missing)} of its {len(expected)}"
        parts.append(f"it has {count} tensors more than the file ({listed(match.missing)})")
    if match.unexpected:
        count = f"{len(match.unexpected)} of the file's {len(match.state)}"
        parts.append(f"it lacks {count} tensors ({listed(match.unexpected)})")
    if match.sizes:
        sizes = [f"{n} is {_by(match.state[n].shape)} in the file and {_by(expected[n])} in the "
                 "network" for n in match.sizes]  # fmt: skip
        parts.append(listed(sizes))
    return "; ".join(parts)


def _by(shape: torch.Size) -> str:
    return " x ".join(map(str, shape)) or "a single number"


def reinitialise(model: nn.Module) -> None:
    """Draw all weights of a model anew, by each module's own `reset_parameters`.

    Raises:
        BadSetting: a module has parameters but no `reset_parameters`.
    """
    for name, module in model.named_modules():
        reset = getattr(module, "reset_parameters", getattr(module, "_reset_parameters", None))
        if callable(reset):
            reset()
        elif list(module.parameters(recurse=False)):
            raise BadSetting(
                f"{name or 'The network'} ({type(module).__name__}) has parameters, but no "
                "reset_parameters() that would draw new ones: write a factory of the untrained "
                "network, with is_trained = False, and take that."
            )


def file_sha256(path: Path, address: str | None = None) -> str:
    """The SHA-256 of a file of weights, followed by `:address` where one of its sets is named."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    if address is not None:
        digest.update(f":{address}".encode())
    return digest.hexdigest()


def state_sha256(model: nn.Module) -> str:
    """The SHA-256 of a model's weights: names, types, shapes and bytes in its own order.

    Raises:
        BadSetting: a tensor has no values.
    """
    digest = hashlib.sha256()
    for name, entry in model.state_dict().items():
        for value in leaves_of(entry):  # quantized modules have tuples of tensors and numbers
            if not isinstance(value, Tensor):
                digest.update(f"{name} {value}\n".encode())
                continue
            if value.is_meta:
                raise BadSetting(f"{name} is on torch's meta device and has no values: load them.")
            tensor = value.dequantize() if value.is_quantized else value.detach()
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
            flat = tensor.to_dense() if tensor.layout != torch.strided else tensor
            flat = flat.cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(flat.numpy().data)
    return digest.hexdigest()


def split_weights(weights: str) -> tuple[Path, str | None]:
    """The file and the set of weights in it that --weights FILE or FILE:SET names.

    FILE: is the top level.

    >>> split_weights("absent.pth:teacher")[1] is None  # a name with a colon, as there is no file
    True
    """
    path, colon, address = weights.rpartition(":")
    if colon and not Path(weights).exists() and Path(path).is_file():
        return Path(path), address
    return Path(weights), None


def downloaded(make: Callable[[], nn.Module]) -> nn.Module:
    """Load the weights that a model's library publishes, with the model.

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
