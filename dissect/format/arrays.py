"""Reads .npz files that anybody may have written: no pickles, and memory bounded by a limit."""

import io
import math
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dissect.errors import BadDissection

MAX_BYTES = 4 << 30  # of all arrays of a file; a table of 100,000 units has a tenth of it
BROKEN: tuple[type[Exception], ...] = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    AttributeError,
    TypeError,
    SyntaxError,
)
BROKEN += (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, MemoryError)


def load_arrays(content: bytes, *names: str) -> dict[str, NDArray[Any]]:
    """Read arrays of an .npz file from its bytes: those of some names, or all.

    What a file says of its sizes is compared before anything is unpacked: a few bytes may claim
    terabytes.

    Raises:
        BadDissection: it is no such file, has no such array, or is larger than MAX_BYTES. The text
            is the reason alone.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            if sum(sizes.values()) > MAX_BYTES:
                raise BadDissection(f"its arrays take more than {MAX_BYTES >> 30} GB")
            for name, size in sizes.items():
                _check_header(archive, name, size)
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in names or file.files}
    except BROKEN as error:
        raise BadDissection(str(error) or type(error).__name__) from error


def _check_header(archive: zipfile.ZipFile, name: str, size: int) -> None:
    """Refuse an array whose header claims more than its file has."""
    with archive.open(name) as file:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, kind = read(file)
    if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > size:
        raise BadDissection(f"{name} claims {shape} numbers of {kind}, and has {size} bytes")
