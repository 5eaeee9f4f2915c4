"""torchvision, loaded without torch's compiler, which takes a second longer.

torchvision loads the compiler for one function, which its detection networks call. Here the
compiler is loaded when that function is called, if it ever is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo.utils"


class _CompilerOnDemand(ModuleType):
    """Stands in for a module of the compiler, and loads it when anything is asked of it."""

    def is_compile_supported(self, device_type: str) -> bool:
        is_supported: bool = import_module(COMPILER).is_compile_supported(device_type)
        return is_supported

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python's import asks of every module
            raise AttributeError(name)
        sys.modules.pop(COMPILER, None)
        return getattr(import_module(COMPILER), name)


@contextmanager
def _compiler_on_demand() -> Iterator[None]:
    if COMPILER in sys.modules:
        yield
        return
    stand_in = sys.modules[COMPILER] = _CompilerOnDemand(COMPILER)
    try:
        yield
    finally:
        if sys.modules.get(COMPILER) is stand_in:
            del sys.modules[COMPILER]


with _compiler_on_demand():
    import torchvision
    from torchvision.transforms import InterpolationMode, functional

__all__ = ["InterpolationMode", "functional", "torchvision"]
