"""A snapshot is read by the code that made it alone: every source of a number is hashed."""

import shutil
from pathlib import Path

import pytest

from annotator.results.output.version import SERVICE, code_hash, hash_sources, source_files
from tests.house.reading import imports, sources

HASHED = [path.relative_to(SERVICE).as_posix() for path in source_files(SERVICE)]
# What making a snapshot runs besides, and why it changes no number.
NO_NUMBER = {
    "annotator.database.moments": "reads all rows as at one moment",
    "annotator.storage": "keeps bytes",
    "annotator.storage.deadline": "waits for bytes",
    "annotator.storage.errors": "names failures",
    "annotator.tokens.hashing": "hashes links and keys",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the sources that can be edited."""
    folder = tmp_path_factory.mktemp("copy") / "annotator"
    shutil.copytree(SERVICE, folder, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return folder


def test_a_copy_of_the_same_sources_has_the_same_hash(copy):
    assert hash_sources(copy) == code_hash()


@pytest.mark.parametrize("name", HASHED)
def test_an_edit_of_any_source_of_numbers_gives_another_hash(name, copy):
    path = copy / name
    before = path.read_bytes()

    path.write_bytes(before + b"\n# edited\n")

    assert hash_sources(copy) != code_hash()
    path.write_bytes(before)


def test_a_renamed_source_gives_another_hash(copy):
    old, new = copy / HASHED[-1], (copy / HASHED[-1]).with_name("renamed.py")

    old.rename(new)

    assert hash_sources(copy) != code_hash()
    new.rename(old)


def test_a_source_that_moved_away_is_missed(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"annotator/results"):
        hash_sources(tmp_path)


def test_whatever_making_a_snapshot_imports_is_hashed_or_makes_no_number():
    known = sources("annotator")
    hashed = {module for module, path in known.items() if path in source_files(SERVICE)}

    makers = {"annotator.results.output.snapshots.lifecycle", "annotator.crowd.quality.workers"}

    assert _with_imports(makers, known) - hashed == NO_NUMBER.keys()


def _with_imports(start: set[str], known: dict[str, Path]) -> set[str]:
    """Some modules of the service, and all that they import, directly or through others."""
    uses: dict[str, set[str]] = {module: set() for module in known}
    for one in imports("annotator"):
        name = one.of
        while name and name not in known:  # `from module import name` names more than the module
            name = name.rpartition(".")[0]
        if name:
            uses[one.by].add(name)
    reached, waiting = set(), set(start)
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting |= uses[module] - reached
    return reached - {"annotator"}
