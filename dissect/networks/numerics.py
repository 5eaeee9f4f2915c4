"""How a pass computes: its memory format, the precision of its numbers, and how it reads JPEGs.

Any value but the default changes the last digits of activations (autocast and TF32 change the
fourth or even the third digit), so all values are in the fingerprint.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import PIL
import torch
from torch import nn

from dissect.images import decoding


@dataclass(frozen=True)
class Numerics:
    """Memory format and precision.

    Attributes:
        channels_last: maps lie in memory cell by cell, which is faster for some convolutions.
        autocast: convolutions and matrix products run in half precision: float16 with 11
            significant bits on a GPU, bfloat16 with 8 on a CPU.
        tf32: a GPU multiplies with 11 significant bits and adds with 24.
        scaled_jpeg: libjpeg decodes a JPEG at a half, a quarter or an eighth of its sides where
            that is still no smaller than the resized image: views differ by some shades.
    """

    channels_last: bool = False
    autocast: bool = False
    tf32: bool = False
    scaled_jpeg: bool = False

    def facts(self, device: torch.device, dtype: torch.dtype) -> dict[str, str | bool]:
        """The entries of the fingerprint.

        Args:
            dtype: of the model.
        """
        half = "float16" if device.type == "cuda" else "bfloat16"
        return {
            "memory_format": "channels_last" if self.channels_last else "contiguous",
            "dtype": f"autocast {half}" if self.autocast else str(dtype).removeprefix("torch."),
            "tf32": self.tf32,
            # Only where it is on, so that earlier dissections can be resumed.
            **({"jpeg": "scaled by libjpeg"} if self.scaled_jpeg else {}),
        }

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @contextmanager
    def applied(self, device: torch.device) -> Iterator[None]:
        """Apply this to all forwards on a device while the block lasts."""
        half = torch.float16 if device.type == "cuda" else torch.bfloat16
        with uncompiled(), ExitStack() as stack:
            if device.type == "cuda":
                stack.enter_context(_cuda(self.tf32))
            if self.autocast:
                stack.enter_context(torch.autocast(device.type, dtype=half))
            yield


DEFAULT_NUMERICS = Numerics()


@contextmanager
def uncompiled() -> Iterator[None]:
    """Compute forwards as functions and modules were written, without torch.compile, in the block.

    Compiled code may go on without the hooks that see what layers put out, computes other last
    digits, and with fullgraph=True ends at a hook.
    """
    if "torch._dynamo" not in sys.modules:  # nothing is compiled; it takes a second to load
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def model_dtype(model: nn.Module) -> torch.dtype:
    """The numeric type that a model computes in: that of its first floating tensor, or float32."""
    tensors = chain(model.parameters(), model.buffers())
    return next((t.dtype for t in tensors if t.is_floating_point()), torch.float32)


@contextmanager
def _cuda(tf32: bool) -> Iterator[None]:
    """Set TF32 and deterministic kernels, and restore the old flags.

    By default PyTorch uses TF32 in convolutions, and cuDNN may choose other kernels in each run.
    """
    precision = "tf32" if tf32 else "ieee"
    cudnn: Any = torch.backends.cudnn
    flags = [(cudnn.conv, "fp32_precision", precision),
             (torch.backends.cuda.matmul, "fp32_precision", precision),
             (cudnn, "deterministic", True), (cudnn, "benchmark", False)]  # fmt: skip
    before = [getattr(owner, name) for owner, name, _ in flags]
    for owner, name, value in flags:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name, _), value in zip(flags, before, strict=True):
            setattr(owner, name, value)


def fingerprint(
    device: torch.device,
    batch_size: int,
    numerics: Numerics = DEFAULT_NUMERICS,
    dtype: torch.dtype = torch.float32,
) -> dict[str, str | int]:
    """The numerics of a network on a device as a fingerprint: all that last digits depend on."""
    return {
        "block": batch_size,
        "threads": torch.get_num_threads(),
        **numerics.facts(device, dtype),
        "device": device.type if device.type == "cpu" else torch.cuda.get_device_name(device),
        "torch": torch.__version__,
        "decoding": decoding.VERSION,
        "pillow": PIL.__version__,
    }
