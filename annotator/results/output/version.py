"""Which code made a number."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SERVICE = Path(__file__).resolve().parents[2]  # annotator/
# Every source that makes a number of a report: the statistics, which workers a rule flags, the
# tables with their rules, such as which answers count and are right, the rule for words, how
# long an answer took, and the pseudonyms that tables sort by.
SOURCES = (
    "results/**/*.py",
    "models/**/*.py",
    "crowd/quality/**/*.py",
    "concept_words.py",
    "keyed_random.py",
    "pay/*.py",
)


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
    """12 hexadecimal digits of the SHA-256 over the sources that make a report's numbers."""
    return hash_sources(SERVICE)


def hash_sources(service: Path) -> str:
    """The hash of the sources in a copy of annotator/, whatever the order of its files."""
    digest = hashlib.sha256()
    for path in source_files(service):
        digest.update(f"{path.relative_to(service).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def source_files(service: Path) -> list[Path]:
    """The files that are hashed, sorted.

    Raises:
        FileNotFoundError: nothing matches one of SOURCES, so a source moved unnoticed.
    """
    files: set[Path] = set()
    for pattern in SOURCES:
        matching = set(service.glob(pattern))
        if not matching:
            raise FileNotFoundError(f"No source of numbers matches annotator/{pattern}.")
        files |= matching
    return sorted(files)
