"""Which code made a number."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOM = Path(__file__).resolve().parent


@cache
def code_version() -> str:
    """The release, and a hash of the code that turns answers into numbers: 0.1.0+3f9c...

    Another hash may give other numbers, and reads another snapshot.
    """
    return f"{release()}+{code_hash()}"


def release() -> str:
    """The version of the installed distribution; of a checkout, `checkout`."""
    try:
        return version("unitscope")
    except PackageNotFoundError:
        return "checkout"


@cache
def code_hash() -> str:
    """12 hexadecimal digits of the SHA-256 over the sources of annotator/results."""
    digest = hashlib.sha256()
    for path in sorted(ROOM.glob("*.py")):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
