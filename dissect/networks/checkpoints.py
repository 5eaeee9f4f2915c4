"""Checkpoints: the files that training programs save, read without running any code in them."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from dissect.errors import UnreadableWeights

MAX_DEPTH = 4  # of dictionaries in dictionaries


@dataclass(frozen=True)
class StateDict:
    """One dictionary of tensors in a checkpoint.

    Attributes:
        keys: that lead to it, joined by dots; "" is the file's top level.
        metadata: versions of modules, by which torch converts old names.
    """

    keys: str
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, Any] = field(default_factory=dict)


def tensor_names(path: Path) -> list[str]:
    """The names of all tensors in a checkpoint, without the keys that lead to them."""
    return [name for state in state_dicts(read_checkpoint(path)) for name in state.tensors]


def read_checkpoint(path: Path) -> object:
    """Read a checkpoint, a safetensors or torch file, without running any code in it.

    Objects that are not of torch's own classes, such as a program's options, become empty.

    Raises:
        UnreadableWeights: the file is missing, or is neither.
    """
    if not path.is_file():
        raise UnreadableWeights(f"There is no weights file {path}.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if unknown := _unknown_classes(path):
            with torch.serialization.safe_globals([(UnknownObject, name) for name in unknown]):
                return torch.load(path, map_location="cpu", weights_only=True)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnreadableWeights(no_tensors(path)) from error
    except Exception as error:  # on broken files the readers may raise anything
        if "TorchScript" in str(error):
            raise UnreadableWeights(
                f"The weights file {path} is a TorchScript program: save the state_dict() of the "
                "model that it was made from."
            ) from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UnreadableWeights(f"The weights file {path} cannot be read: {reason}.") from error


class UnknownObject:
    """Stands for an object of a class that is not loaded: it takes anything and does nothing."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, key: object, value: object) -> None:
        pass


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a checkpoint's only dictionary of tensors, or the one called `state_dict`.

    Raises:
        UnreadableWeights: the file cannot be read, or holds none or several.
    """
    content = read_checkpoint(path)
    states = {state.keys: state.tensors for state in state_dicts(content)}
    if not states:
        raise UnreadableWeights(without_tensors(content, path))
    usual = [keys for keys in ("state_dict", "") if keys in states]
    if not usual and len(states) > 1:
        raise UnreadableWeights(f"{path} holds several sets of tensors: {', '.join(states)}.")
    tensors = states[usual[0] if usual else next(iter(states))]
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def without_tensors(content: object, path: Path) -> str:
    """The sentence for a checkpoint without any dictionary of tensors."""
    if isinstance(content, Mapping) and not any(
        isinstance(value, UnknownObject) for value in content.values()
    ):
        return f"The weights file {path} holds no state_dict of tensors."
    return no_tensors(path)


def no_tensors(path: Path) -> str:
    """The sentence for a file of more than tensors and plain values, none of which are weights."""
    return (
        f"The weights file {path} is not a plain file of tensors, so it is not opened: a pickle "
        "can run any program. Save the model's state_dict() or a .safetensors file."
    )


def _unknown_classes(path: Path) -> list[str]:
    """The classes and functions in a torch file that torch would not load; none before 1.6."""
    try:
        return torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # no zip file, or a broken one: reading it says what it is
        return []


def state_dicts(content: object, keys: str = "", depth: int = 0) -> Iterator[StateDict]:
    """Every dictionary in a checkpoint that has tensors by name, the outer ones first."""
    if not isinstance(content, Mapping) or depth > MAX_DEPTH:
        return
    tensors = {
        name: value
        for name, value in content.items()
        if isinstance(name, str) and isinstance(value, Tensor)
    }
    if tensors:
        yield StateDict(keys, tensors, getattr(content, "_metadata", {}))
    for name, value in content.items():
        if isinstance(name, str):
            yield from state_dicts(value, f"{keys}.{name}" if keys else name, depth + 1)
