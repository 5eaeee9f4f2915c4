"""Concepts that a researcher merged by hand: versioned, reversible, the raw words untouched.

A merge, words kept apart, and the undoing of either are versions of the study's concepts, counted
on. Any earlier version can be made again, and a report says which one its consensus rests on.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from annotator.models import ConceptMerge, Study
from annotator.results.concepts.normalise import normalised


@dataclass(frozen=True, slots=True)
class MergeRow:
    """Words taken for one concept, from one version on, until another if it was undone.

    Attributes:
        into: their concept; empty: they are different ones, and not to be suggested again.
    """

    version: int
    words: tuple[str, ...]
    into: str
    undone_version: int | None = None

    def holds(self, version: int) -> bool:
        """Whether it is made and not undone as of a version."""
        return self.version <= version and not (
            self.undone_version and self.undone_version <= version
        )


@dataclass(frozen=True, slots=True)
class Merging:
    """How words become concepts as of one version; 0 is before any merge.

    Attributes:
        into: normalised word to its concept.
    """

    version: int
    into: dict[str, str]

    def concept(self, raw: str) -> str:
        """The concept of a raw word."""
        word = normalised(raw)
        return self.into.get(word, word)


def merging(rows: Iterable[MergeRow], version: int | None = None) -> Merging:
    """The merges that hold as of a version, each applied to what earlier ones gave.

    Args:
        version: None is the newest.
    """
    rows = sorted(rows, key=lambda row: row.version)
    version = newest(rows) if version is None else version
    into: dict[str, str] = {}
    for row in rows:
        if row.into and row.holds(version):
            for word in (*row.words, row.into):
                into[word] = row.into
            into = {word: row.into if old in row.words else old for word, old in into.items()}
    return Merging(version, {word: concept for word, concept in into.items() if word != concept})


def newest(rows: Iterable[MergeRow]) -> int:
    """The newest version: 0 before any merge."""
    return max((max(row.version, row.undone_version or 0) for row in rows), default=0)


def kept_apart(rows: Collection[MergeRow]) -> set[frozenset[str]]:
    """Pairs of words that a researcher keeps apart now."""
    now = newest(rows)
    return {
        frozenset(pair)
        for row in rows
        if not row.into and row.holds(now)
        for pair in combinations(row.words, 2)
    }


def merges_of(study: Study) -> tuple[MergeRow, ...]:
    """Every merge of a study, the undone ones too, in one query."""
    rows = ConceptMerge.objects.filter(study=study).order_by("version")
    return tuple(
        MergeRow(version, tuple(words), into, undone)
        for version, words, into, undone in rows.values_list(
            "version", "words", "into", "undone_version"
        )
    )
