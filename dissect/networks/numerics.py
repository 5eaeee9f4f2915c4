"""How a forward is carried out: in which memory format, and how exactly numbers are multiplied.

Whatever is not the default changes the last digits of activations (autocast and TF32: the fourth
or third of them), so it is a part of the fingerprint.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Numerics:
    """
    Attributes:
        channels_last: maps lie in memory cell by cell, which some convolutions like better.
        autocast: convolutions and products in half precision (float16 on a GPU, where units keep
            11 bits; bfloat16, 8 bits, on a CPU).
        tf32: a GPU multiplies with 11 bits, and adds with 24.
    """

    channels_last: bool = False
    autocast: bool = False
    tf32: bool = False

    def facts(self, device: torch.device) -> dict[str, str | bool]:
        """What of the fingerprint this is."""
        half = "float16" if device.type == "cuda" else "bfloat16"
        return {
            "memory_format": "channels_last" if self.channels_last else "contiguous",
            "dtype": f"autocast {half}" if self.autocast else "float32",
            "tf32": self.tf32,
        }

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @contextmanager
    def applied(self, device: torch.device) -> Iterator[None]:
        """While the block lasts, forwards on a device are carried out so."""
        half = torch.float16 if device.type == "cuda" else torch.bfloat16
        with ExitStack() as stack:
            if device.type == "cuda":
                stack.enter_context(_cuda(self.tf32))
            if self.autocast:
                stack.enter_context(torch.autocast(device.type, dtype=half))
            yield


DEFAULT_NUMERICS = Numerics()


@contextmanager
def _cuda(tf32: bool) -> Iterator[None]:
    """PyTorch itself lets convolutions use TF32, and cuDNN choose kernels that differ by run."""
    wanted = "tf32" if tf32 else "ieee"
    cudnn: Any = torch.backends.cudnn
    places = [(cudnn.conv, "fp32_precision", wanted),
              (torch.backends.cuda.matmul, "fp32_precision", wanted),
              (cudnn, "deterministic", True), (cudnn, "benchmark", False)]  # fmt: skip
    before = [getattr(place, name) for place, name, _ in places]
    for place, name, value in places:
        setattr(place, name, value)
    try:
        yield
    finally:
        for (place, name, _), value in zip(places, before, strict=True):
            setattr(place, name, value)
