"""Weights of networks: read without running code, drawn anew, and hashed."""

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from dissect.errors import BadSetting, UnreadableWeights


def load_weights(model: nn.Module, path: Path) -> None:
    """Load weights from a file into a model.

    Raises:
        UnreadableWeights: the file is missing, holds more than tensors, or does not fit.
    """
    state = read_state(path)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).splitlines()[1:2] or [str(error)]
        raise UnreadableWeights(
            f"The weights in {path} do not fit the network: {reason[0].strip()}"
        ) from error


def read_state(path: Path) -> dict[str, Tensor]:
    """Read the weights in a checkpoint by name, without `state_dict` and `module.` wrappers.

    Raises:
        UnreadableWeights: the file is missing, or is no safetensors or torch file of tensors.
    """
    if not path.is_file():
        raise UnreadableWeights(f"There is no weights file {path}.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnreadableWeights(
            f"The weights file {path} is not a plain file of tensors, so it is not opened: a "
            "pickle can run any program. Save the model's state_dict() or a .safetensors file."
        ) from error
    except Exception as error:  # on broken files the readers may raise anything
        reason = _first_line(error)
        raise UnreadableWeights(f"The weights file {path} cannot be read: {reason}.") from error
    return _unwrapped(content, path)


def _unwrapped(content: object, path: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(
        isinstance(value, Tensor) for value in content.values()
    ):
        raise UnreadableWeights(f"The weights file {path} holds no state_dict of tensors.")
    return {str(name).removeprefix("module."): tensor for name, tensor in content.items()}


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


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


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file of weights."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_sha256(model: nn.Module) -> str:
    """The SHA-256 of a model's weights: names, types, shapes and bytes in its own order."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
