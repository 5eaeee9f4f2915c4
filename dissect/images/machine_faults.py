"""Faults of the machine that look like faults of an image: no image is skipped because of them."""

import errno
from pathlib import Path

from dissect.errors import StoreError

# Of a disk that fails, a network that is away, a process with too many open files. On broken images
# decoders raise errors without such a number.
MACHINE_FAULTS = {
    getattr(errno, name)
    for name in (
        "EIO", "ESTALE", "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENOTCONN", "ECONNRESET",
        "ECONNABORTED", "ENETDOWN", "ENETUNREACH", "EREMOTEIO", "ENODEV", "ENXIO", "EMFILE",
        "ENFILE", "ENOMEM", "ENOBUFS", "EAGAIN", "EINTR",
    )
    if hasattr(errno, name)
}  # fmt: skip


def refuse_machine_fault(error: Exception, file: object) -> None:
    """Refuse to go on where reading an image failed because the machine does.

    Raises:
        StoreError: it does; what is collected stays.
    """
    if isinstance(error, OSError) and error.errno in MACHINE_FAULTS:
        name = str(file) if isinstance(file, Path) else "An image"
        raise StoreError(
            f"{name} cannot be read now ({error.strerror or error}): the fault is the machine's, "
            "its disk's or its network's, so the image is not skipped. Ask again when it is "
            "mended: what is stored stays, and the work goes on from there.",
            may_pass=True,
        ) from error
