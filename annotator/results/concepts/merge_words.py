"""A researcher merges words or keeps them apart, and undoes it: blind, versioned, nothing lost.

NotMerged: what was asked is no merge; nothing is written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotator.models import Answer, ConceptMerge, Hit, Study
from annotator.results.concepts.merges import Merging, merges_of, merging
from annotator.results.concepts.normalise import normalised

LONGEST = 100


class NotMerged(Exception):
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


def concepts_of(study: Study, merged: Merging | None = None) -> list[Concept]:
    """Every concept that answers of a study use, by name; one query besides the merges'."""
    merged = merged or merging(merges_of(study))
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
    if not 0 < len(into) <= LONGEST:
        raise NotMerged(f"A concept has 1 to {LONGEST} characters.")
    if not {*words} - {into}:
        raise NotMerged("Choose two words or more, or a word and another name for it.")
    return _decide(study, words, into, by)


def keep_apart(study: Study, words: Sequence[str], by: str) -> ConceptMerge:
    """Take words for different concepts from now on: they are not suggested again.

    Args:
        words: concepts as they are now.

    Raises:
        NotMerged: they are fewer than two, or one is unknown.
    """
    if len({*words}) < 2:
        raise NotMerged("Choose two words or more to keep apart.")
    return _decide(study, words, "", by)


def _decide(study: Study, words: Sequence[str], into: str, by: str) -> ConceptMerge:
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)  # versions are given one at a time
        there = {concept.name for concept in concepts_of(study)}
        if unknown := [word for word in words if word not in there]:
            raise NotMerged(f"No answer uses {unknown[0]!r} now; it may have been merged already.")
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
            raise NotMerged(f"Version {version} is not there, or was undone already.")
        found.undone_version = _next(study)
        found.undone_at = Now()
        found.save(update_fields=["undone_version", "undone_at"])
        return found


def _next(study: Study) -> int:
    last = study.merges.aggregate(merged=Max("version"), undone=Max("undone_version"))
    return max(last["merged"] or 0, last["undone"] or 0) + 1
