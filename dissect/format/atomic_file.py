"""Files that are either complete or absent, whatever interrupts the writer."""

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EINVAL}
REFUSALS |= {errno.ENAMETOOLONG, errno.ELOOP}


def may_pass(error: OSError) -> bool:
    """Whether a file that was not written atomically may be later, as where a disk is full."""
    return error.errno not in REFUSALS


def write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file atomically: a temporary one in its folder, then renamed to it.

    The folder must exist. Readers see the former content or the new one, never a part.

    Raises:
        OSError: the target is unchanged and the temporary file is removed.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
