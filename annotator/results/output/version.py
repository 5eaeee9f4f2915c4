"""The version of the code that computes a report's numbers."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SERVICE = Path(__file__).resolve().parents[2]  # annotator/
# Every source that a number of a report depends on: the statistics, the rules that flag workers,
# the models with their rules (such as which answers count and are right), the rule for words, how
# long an answer took, and the pseudonyms that tables sort by.
SOURCES = (
    "results/**/*.py",
    "models/**/*.py",
    "crowd/quality/**/*.py",
    "concept_words.py",
    "free_text.py",
    "keyed_random.py",
    "pay/*.py",
)


@cache
def code_version() -> str:
    """The version of the code: release and code hash, as in 0.1.0+3f9c01d2ab45.

    Code with another hash may compute other numbers, so it makes its own snapshots.
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
    """The first 12 hexadecimal digits of the SHA-256 over all SOURCES."""
    return hash_sources(SERVICE)


def hash_sources(service: Path) -> str:
    """The code hash, part of the version, of a copy of annotator/, whatever its file order."""
    digest = hashlib.sha256()
    for path in source_files(service):
        digest.update(f"{path.relative_to(service).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def source_files(service: Path) -> list[Path]:
    """The source files that the code version hashes, sorted.

    Raises:
        FileNotFoundError: a pattern of SOURCES matches no file, so a source was moved.
    """
    files: set[Path] = set()
    for pattern in SOURCES:
        matching = set(service.glob(pattern))
        if not matching:
            raise FileNotFoundError(f"No source of numbers matches annotator/{pattern}.")
        files |= matching
    return sorted(files)
