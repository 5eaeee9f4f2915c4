"""Networks of users' own code: imports the function, class or module object that `nets:make` names.

The part before the colon is a module on Python's path, the working directory first, or a file that
ends in .py. The part after it is an attribute of that module; dots lead to attributes of it.
"""

import hashlib
import importlib
import importlib.util
import sys
from functools import reduce
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from dissect.errors import DissectError, UnknownNetwork, UnreadableWeights, did_you_mean
from dissect.networks.builders import PUBLISHED, BuiltNetwork, from_module
from dissect.networks.state_matching import WRAPPERS

FILE_ENDING = ".py"
_file_folders: set[Path] = set()  # of the files that were imported, each first on the path once


def is_factory(source: str, name: str) -> bool:
    """Whether `source:name` can be a factory: a module or a file, and a name in it.

    >>> is_factory("nets", "make"), is_factory("./nets.py", "make"), is_factory("nets", "")
    (True, True, False)
    """
    is_module = all(part.isidentifier() for part in source.split("."))
    return bool(name) and (is_module or source.endswith(FILE_ENDING))


def model_from_factory(source: str, name: str) -> nn.Module:
    """Import what `source:name` names and call it; an nn.Module object is taken as it is.

    What training puts around a model, such as torch.compile and DataParallel, is taken off.

    Raises:
        UnknownNetwork: there is no such module, file or name, its code fails, or what it returns
            is no nn.Module whose layers can be seen.
    """
    spec = f"{source}:{name}"
    try:
        module = _file(Path(source)) if source.endswith(FILE_ENDING) else _module(source)
        factory = _attribute(module, name, spec)
        model = factory if isinstance(factory, nn.Module) else factory()
        if isinstance(model, nn.Module):
            model.eval()  # torch.export's programs refuse it, and have no layers
    except DissectError:
        raise
    except SystemExit as error:
        raise UnknownNetwork(
            f"{spec} cannot be made: its code ended the program ({error}). Put what runs a "
            'training behind if __name__ == "__main__".'
        ) from error
    except Exception as error:  # the user's code may raise anything
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise UnknownNetwork(f"{spec} cannot be made: {type(error).__name__}: {reason}") from error
    if not isinstance(model, nn.Module):
        raise UnknownNetwork(f"{spec} returned {type(model).__name__}, not an nn.Module.")
    return plain_model(model, spec)


def plain_model(model: nn.Module, spec: str) -> nn.Module:
    """A model of a user's own code without what training puts around it, which hides its layers.

    Raises:
        UnknownNetwork: it is a TorchScript program, or a part of it is.
    """
    model = _without_wrappers(model)
    for name, part in model.named_modules():
        if isinstance(part, torch.jit.ScriptModule):
            what = f"{spec}, part {name}," if name else spec
            raise UnknownNetwork(
                f"{what} is a TorchScript program, which lets nobody see what its layers put out: "
                "return the model before torch.jit.script or torch.jit.trace; the program's "
                "state_dict() has its weights."
            )
    return model


def _without_wrappers(module: nn.Module) -> nn.Module:
    """A model without the modules that training puts around it or its parts.

    They are of torch.compile, of data-parallel training, of averaged weights and of checkpointed
    activations. Functions that are compiled stay; `numerics.uncompiled` runs them as written.
    """
    if isinstance(module, torch.jit.ScriptModule):
        return module
    inner = module
    while (wrapped := _wrapped(inner)) is not None:
        inner = wrapped
    for name, value in vars(module).items():  # such as input_size and mean
        if not name.startswith("_") and not hasattr(inner, name):
            setattr(inner, name, value)
    inner._compiled_call_impl = None
    for name, child in inner.named_children():
        plain = _without_wrappers(child)
        if plain is not child:
            setattr(inner, name, plain)
    return inner


def _wrapped(module: nn.Module) -> nn.Module | None:
    if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel, AveragedModel)):
        return module.module
    children = dict(module.named_children())
    return next((children[name] for name in WRAPPERS if name in children), None)


def _module(name: str) -> ModuleType:
    _put_first(Path.cwd())  # a module in the working directory, as with `python -m`
    return importlib.import_module(name)


class _SourceLoader(SourceFileLoader):
    """Compiles the file each time.

    Python's own cache holds a file for unchanged if it is as long as before and was written in the
    same second.
    """

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _file(path: Path) -> ModuleType:
    """A file as a module of its own; files beside it can be imported, as in `python FILE`."""
    path = path.resolve()
    if not path.is_file():
        raise UnknownNetwork(f"There is no file {path}.")
    _put_first(path.parent)
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_SourceLoader(name, str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look modules up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _put_first(folder: Path) -> None:
    """Let a folder's modules be imported before others, and none of another network's folder.

    Two networks may each have a `layers.py` beside them.
    """
    for name, module in list(sys.modules.items()):
        place = Path(getattr(module, "__file__", None) or "")
        place = place.parent if place.name == "__init__.py" else place  # a package is its folder
        if place.parent in _file_folders - {folder} and (folder / place.name).exists():
            for part in [part for part in sys.modules if f"{part}.".startswith(f"{name}.")]:
                del sys.modules[part]
    _file_folders.add(folder)
    sys.path[:] = [str(folder), *(entry for entry in sys.path if entry != str(folder))]
    importlib.invalidate_caches()


def _attribute(module: ModuleType, name: str, spec: str) -> Any:
    try:
        return reduce(getattr, name.split("."), module)
    except AttributeError:
        known = [key for key, value in vars(module).items() if callable(value)]
        raise UnknownNetwork(
            f"{spec} cannot be made: {module.__file__ or module.__name__} has no {name}."
            f"{did_you_mean(name, known)}"
        ) from None


def from_factory(source: str, name: str, weights: str | None = None) -> BuiltNetwork:
    """Build a user's own network: calls the factory, and reads the input that it describes.

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
    return from_module(model_from_factory(source, name), f"{source}:{name}", weights)
