"""Concepts that a researcher merges by hand: versioned, reversible, the raw words untouched.

To merge words, to keep words apart, and to undo either makes a new version of the study's
concepts, numbered from 1. Every earlier version can be made again, and a report says which version
its consensus rests on. A researcher decides without seeing network, layer or precision.

MergeError: a request is not a merge; nothing is written.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.concept_words import normalised
from annotator.models import Answer, ConceptMerge, Hit, Study

MAX_LENGTH = 100  # characters of a concept


class MergeError(Exception):
    """A request is not a merge; the message says why."""


@dataclass(frozen=True, slots=True)
class MergeRow:
    """Words that are one concept from a version on, until the version that undoes it.

    Attributes:
        into: their concept; empty where the words are different concepts, kept apart.
    """

    version: int
    words: tuple[str, ...]
    into: str
    undone_version: int | None = None

    def holds(self, version: int) -> bool:
        """Whether the decision is made, and not undone, as of a version."""
        is_undone = self.undone_version is not None and self.undone_version <= version
        return self.version <= version and not is_undone


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """How words become concepts as of one version; version 0 is before any merge.

    Attributes:
        into: normalized word to its concept; other words are concepts themselves.
    """

    version: int
    into: dict[str, str]

    def concept(self, raw: str) -> str:
        """The concept of a word as a worker typed it."""
        word = normalised(raw)
        return self.into.get(word, word)


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a study, blind to the units that it names.

    Attributes:
        answer_count: answers that use it, of both crowds.
        raw: (word as typed, answers), the most used first.
    """

    name: str
    answer_count: int
    raw: tuple[tuple[str, int], ...]


def concept_map(rows: Iterable[MergeRow], version: int | None = None) -> ConceptMap:
    """The merges of concepts as of a version, each applied to the result of the earlier ones.

    >>> merges = [MergeRow(1, ("auto",), "car"), MergeRow(2, ("car", "truck"), "vehicle")]
    >>> concept_map(merges).concept("Autos"), concept_map(merges, version=1).concept("Autos")
    ('vehicle', 'car')

    Args:
        version: None for the newest.
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
    """The newest version of a study's merges of concepts: 0 before any merge."""
    return max((max(row.version, row.undone_version or 0) for row in rows), default=0)


def pairs_kept_apart(rows: Collection[MergeRow]) -> set[frozenset[str]]:
    """Pairs of concepts that a researcher keeps apart as of the newest version of the merges."""
    version = newest_version(rows)
    return {
        frozenset(pair)
        for row in rows
        if not row.into and row.holds(version)
        for pair in combinations(row.words, 2)
    }


def load_merges(study: Study) -> tuple[MergeRow, ...]:
    """Load every merge of concepts in a study, undone ones too, oldest first, in one query."""
    rows = ConceptMerge.objects.filter(study=study).order_by("version")
    return tuple(
        MergeRow(version, tuple(words), into, undone_version)
        for version, words, into, undone_version in rows.values_list(
            "version", "words", "into", "undone_version"
        )
    )


def load_concepts(study: Study, merged: ConceptMap | None = None) -> list[Concept]:
    """Load every concept that answers of a study use, merged or not, by name, in one query.

    Args:
        merged: how words become concepts; by default as of now, which takes a second query.
    """
    merged = merged or concept_map(load_merges(study))
    answers = Answer.objects.filter(
        assignment__unit__layer__network__study=study,
        assignment__hit__kind=Hit.Kind.NAMING,
    ).exclude(says=Answer.Says.NOTHING)
    counts: dict[str, Counter[str]] = {}
    for raw in answers.values_list("concept", flat=True).iterator():
        counts.setdefault(merged.concept(raw), Counter())[raw] += 1
    return [
        Concept(name, raw.total(), tuple(sorted(raw.items(), key=lambda item: (-item[1], item[0]))))
        for name, raw in sorted(counts.items())
    ]


def merge(study: Study, words: Sequence[str], into: str, by: str) -> ConceptMerge:
    """Merge words into one concept from now on.

    Args:
        words: concepts as they are now.
        into: the concept that they become; it may be one of them.
        by: name of the researcher.

    Raises:
        MergeError: fewer than two different concepts would become one, or one is unknown.
    """
    into = normalised(into)
    if not 0 < len(into) <= MAX_LENGTH:
        raise MergeError(
            _("A concept has 1 to %(max_length)s characters.") % {"max_length": MAX_LENGTH}
        )
    if not {*words} - {into}:
        raise MergeError(_("Choose two words or more, or a word and another name for it."))
    return _decide(study, words, into, by)


def keep_apart(study: Study, words: Sequence[str], by: str) -> ConceptMerge:
    """Keep words apart as different concepts: no merge of them is suggested again.

    Args:
        words: concepts as they are now.
        by: name of the researcher.

    Raises:
        MergeError: there are fewer than two words, or one is unknown.
    """
    if len({*words}) < 2:
        raise MergeError(_("Choose two words or more to keep apart."))
    return _decide(study, words, "", by)


def _decide(study: Study, words: Sequence[str], into: str, by: str) -> ConceptMerge:
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)  # one new version at a time
        names = {concept.name for concept in load_concepts(study)}
        if unknown := [word for word in words if word not in names]:
            raise MergeError(
                _("No answer uses %(unknown)r now; it may have been merged already.")
                % {"unknown": unknown[0]}
            )
        return ConceptMerge.objects.create(
            study=study,
            version=_next_version(study),
            words=sorted({*words}),
            into=into,
            by=by[:150],
        )


def undo(study: Study, version: int) -> ConceptMerge:
    """Undo a merge of concepts, or that words are kept apart.

    That makes a new version; the old one can still be made again.

    Raises:
        MergeError: there is no such version, or it was undone before.
    """
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)  # one new version at a time
        decision = ConceptMerge.objects.filter(study=study, version=version).first()
        if decision is None or decision.undone_version is not None:
            raise MergeError(
                _("Version %(version)s does not exist, or was undone already.")
                % {"version": version}
            )
        decision.undone_version = _next_version(study)
        decision.undone_at = Now()
        decision.save(update_fields=["undone_version", "undone_at"])
        return decision


def _next_version(study: Study) -> int:
    newest = study.merges.aggregate(merged=Max("version"), undone=Max("undone_version"))
    return max(newest["merged"] or 0, newest["undone"] or 0) + 1
