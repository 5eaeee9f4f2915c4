"""Pairs and groups of words that may be one concept, for a researcher to merge or keep apart.

Suggestions look at words and counts alone: they are blind to network, layer and precision.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import simplemma
from rapidfuzz.distance import OSA

MIN_LETTERS = 5  # of the longer of two words that are one typing error apart
STOP_WORDS = {"of", "the", "a", "an", "with", "and", "in", "on"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Similar words, the most used first, and why they may be one concept."""

    words: tuple[str, ...]
    why: str

    @property
    def into(self) -> str:
        """The word that most answers use."""
        return self.words[0]


def suggestions(
    counts: Mapping[str, int], apart: Collection[frozenset[str]] = ()
) -> list[Suggestion]:
    """Suggest groups of near-duplicate concepts to merge, the most used first.

    >>> [one.words for one in suggestions({"street light": 5, "streetlight": 1, "cat": 3})]
    [('street light', 'streetlight')]

    Args:
        counts: number of answers by concept.
        apart: pairs of words that are different concepts. A group is left out if all of its pairs
            are among them.
    """
    reasons: dict[frozenset[str], str] = {}
    for reason, groups in _similar(counts):
        for group in groups:
            is_decided = all(frozenset(pair) in apart for pair in combinations(group, 2))
            if not is_decided and not any(group <= other for other in reasons):
                reasons[group] = reason
    return [
        Suggestion(words, reasons[frozenset(words)])
        for words in sorted(
            (tuple(sorted(group, key=lambda word: (-counts[word], word))) for group in reasons),
            key=lambda words: (-sum(counts[word] for word in words), words),
        )
    ]


def _similar(words: Iterable[str]) -> Iterator[tuple[str, list[frozenset[str]]]]:
    """Why words are similar, and the groups that are similar for that reason."""
    words = list(words)
    yield "the same letters", _same_key((word.replace(" ", ""), word) for word in words)
    yield "the same words", _same_key((_dictionary_forms(word), word) for word in words)
    yield "one letter apart", _one_edit_apart(words)


def _same_key(pairs: Iterable[tuple[object, str]]) -> list[frozenset[str]]:
    """The groups of two words or more that have one key, from (key, word)."""
    groups: dict[object, set[str]] = {}
    for key, word in pairs:
        groups.setdefault(key, set()).add(word)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


@lru_cache(maxsize=20_000)
def _dictionary_forms(concept: str) -> tuple[str, ...]:
    """The words of a concept in dictionary form, sorted, without stop words."""
    words = [word for word in concept.split() if word not in STOP_WORDS]
    return tuple(sorted(simplemma.lemmatize(word, lang="en").casefold() for word in words))


def _one_edit_apart(words: Iterable[str]) -> list[frozenset[str]]:
    """Pairs of words that one edit turns into each other.

    An edit leaves out, adds or changes a letter, or swaps two neighbors. Two such words have a
    shortened form in common, so only words that share one are compared: O(n) for n words, not n^2.
    """
    sharing: dict[str, set[str]] = {}
    for word in words:
        if len(word) >= MIN_LETTERS - 1:
            for shortened in {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}:
                sharing.setdefault(shortened, set()).add(word)
    pairs = {
        frozenset(pair)
        for group in sharing.values()
        for pair in combinations(sorted(group), 2)
        if max(map(len, pair)) >= MIN_LETTERS and OSA.distance(*pair, score_cutoff=1) == 1
    }
    return sorted(pairs, key=sorted)
