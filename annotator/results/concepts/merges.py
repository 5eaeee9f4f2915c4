"""Concepts that a researcher merged by hand: versioned, reversible, the raw words untouched.

A merge, words kept apart, and the undoing of either are versions of the study's concepts, counted
on. Any earlier version can be made again, and a report says which one its consensus rests on.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotator.concept_words import normalised
from annotator.models import Answer, ConceptMerge, Hit, Study

MAX_LENGTH = 100


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
class ConceptMap:
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


def concept_map(rows: Iterable[MergeRow], version: int | None = None) -> ConceptMap:
    """The merges that hold as of a version, each applied to what earlier ones gave.

    Args:
        version: None is the newest.
    """
    rows = sorted(rows, key=lambda row: row.version)
    version = newest_version(rows) if version is None else version
    into: dict[str, str] = {}
    for row in rows:
        if row.into and row.holds(version):
            for word in (*row.words, row.into):
                into[word] = row.into
            into = {word: row.into if old in row.words else old for word, old in into.items()}
    return ConceptMap(version, {word: concept for word, concept in into.items() if word != concept})


def newest_version(rows: Iterable[MergeRow]) -> int:
    """The newest version: 0 before any merge."""
    return max((max(row.version, row.undone_version or 0) for row in rows), default=0)


def pairs_kept_apart(rows: Collection[MergeRow]) -> set[frozenset[str]]:
    """Pairs of words that a researcher keeps apart now."""
    now = newest_version(rows)
    return {
        frozenset(pair)
        for row in rows
        if not row.into and row.holds(now)
        for pair in combinations(row.words, 2)
    }


def load_merges(study: Study) -> tuple[MergeRow, ...]:
    """Every merge of a study, the undone ones too, in one query."""
    rows = ConceptMerge.objects.filter(study=study).order_by("version")
    return tuple(
        MergeRow(version, tuple(words), into, undone)
        for version, words, into, undone in rows.values_list(
            "version", "words", "into", "undone_version"
        )
    )


class MergeError(Exception):
    """What was asked is no merge; the text says why."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a study, blind to which unit it names.

    Attributes:
        answer_count: answers that use it, whoever gave them.
        raw: (raw word, answers), the most used first.
    """

    name: str
    answer_count: int
    raw: tuple[tuple[str, int], ...]


def load_concepts(study: Study, merged: ConceptMap | None = None) -> list[Concept]:
    """Every concept that answers of a study use, by name; one query besides the merges'."""
    merged = merged or concept_map(load_merges(study))
    answers = Answer.objects.filter(
        assignment__unit__layer__network__study=study,
        assignment__hit__kind=Hit.Kind.NAMING,
    ).exclude(says=Answer.Says.NOTHING)
    found: dict[str, Counter[str]] = {}
    for raw in answers.values_list("concept", flat=True).iterator():
        found.setdefault(merged.concept(raw), Counter())[raw] += 1
    return [
        Concept(name, raws.total(), tuple(sorted(raws.items(), key=lambda row: (-row[1], row[0]))))
        for name, raws in sorted(found.items())
    ]


def merge(study: Study, words: Sequence[str], into: str, by: str) -> ConceptMerge:
    """Take words for one concept from now on.

    Args:
        words: concepts as they are now.
        into: what they become; it may be one of them.

    Raises:
        NotMerged: fewer than two different concepts would become one, or one is unknown.
    """
    into = normalised(into)
    if not 0 < len(into) <= MAX_LENGTH:
        raise MergeError(f"A concept has 1 to {MAX_LENGTH} characters.")
    if not {*words} - {into}:
        raise MergeError("Choose two words or more, or a word and another name for it.")
    return _decide(study, words, into, by)


def keep_apart(study: Study, words: Sequence[str], by: str) -> ConceptMerge:
    """Take words for different concepts from now on: they are not suggested again.

    Args:
        words: concepts as they are now.

    Raises:
        NotMerged: they are fewer than two, or one is unknown.
    """
    if len({*words}) < 2:
        raise MergeError("Choose two words or more to keep apart.")
    return _decide(study, words, "", by)


def _decide(study: Study, words: Sequence[str], into: str, by: str) -> ConceptMerge:
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)  # versions are given one at a time
        there = {concept.name for concept in load_concepts(study)}
        if unknown := [word for word in words if word not in there]:
            raise MergeError(f"No answer uses {unknown[0]!r} now; it may have been merged already.")
        return ConceptMerge.objects.create(
            study=study, version=_next(study), words=sorted({*words}), into=into, by=by[:150]
        )


def undo(study: Study, version: int) -> ConceptMerge:
    """Take back a merge, or that words are kept apart.

    That is a new version, and the old one can still be made again.

    Raises:
        NotMerged: there is no such version, or it was undone before.
    """
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        found = ConceptMerge.objects.filter(study=study, version=version).first()
        if found is None or found.undone_version is not None:
            raise MergeError(f"Version {version} is not there, or was undone already.")
        found.undone_version = _next(study)
        found.undone_at = Now()
        found.save(update_fields=["undone_version", "undone_at"])
        return found


def _next(study: Study) -> int:
    last = study.merges.aggregate(merged=Max("version"), undone=Max("undone_version"))
    return max(last["merged"] or 0, last["undone"] or 0) + 1
