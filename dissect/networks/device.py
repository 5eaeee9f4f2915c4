"""The CPU or a GPU of this machine: which one a network runs on, and when its memory ends."""

import torch

from dissect.errors import BadSetting


def select_device(name: str = "auto") -> torch.device:
    """Choose the device that --device names; "auto": the first GPU, or the CPU without one.

    Raises:
        BadSetting: this machine has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadSetting(f"There is no device {name!r}: auto, cpu, cuda or cuda:N.") from error
    if device.type not in ("cpu", "cuda"):
        raise BadSetting(f"Device {name!r} is not supported: auto, cpu, cuda or cuda:N.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise BadSetting(f"Device {name!r} is not on this machine: no CUDA. Take --device cpu.")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise BadSetting(f"Device {name!r} is not on this machine: it has {count}, from cuda:0 on.")
    return device


def describe_devices() -> str:
    """Describe this machine's GPUs, as torch sees them, in a sentence."""
    if not torch.cuda.is_available():
        return f"torch {torch.__version__} sees no GPU: dissections run on the CPU."
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return f"torch {torch.__version__} sees {', '.join(names)}."


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device of a network, the CPU or a GPU, has no memory left.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("expected 3 channels"))
    (True, False)
    """
    signs = ("can't allocate memory", "CUDA out of memory", "ALLOC_FAILED")
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)
    )
