"""Words that may be one concept: for a researcher to merge or to leave, blind to what they name."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import simplemma

MIN_LETTERS = 5  # letters of the longer of two words that are one slip apart
STOP_WORDS = {"of", "the", "a", "an", "with", "and", "in", "on"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Words that are near each other, the most used first, and why they may be one."""

    words: tuple[str, ...]
    why: str

    @property
    def into(self) -> str:
        """The word that most answers use."""
        return self.words[0]


def suggestions(
    counts: Mapping[str, int], apart: Collection[frozenset[str]] = ()
) -> list[Suggestion]:
    """Near-duplicates among concepts, the most used first.

    Args:
        counts: answers by concept.
        apart: pairs that are different concepts, so words of which all are pairs are left out.
    """
    found: dict[frozenset[str], str] = {}
    for why, groups in _groups(counts):
        for group in groups:
            is_known = all(frozenset(pair) in apart for pair in combinations(group, 2))
            if not is_known and not any(group <= other for other in found):
                found[group] = why
    made = [
        Suggestion(tuple(sorted(group, key=lambda word: (-counts[word], word))), why)
        for group, why in found.items()
    ]
    return sorted(made, key=lambda one: (-sum(counts[w] for w in one.words), one.words))


def _groups(words: Iterable[str]) -> Iterator[tuple[str, list[frozenset[str]]]]:
    words = list(words)
    yield "the same letters", _alike((word.replace(" ", ""), word) for word in words)
    yield "the same words", _alike((_words(word), word) for word in words)
    yield "one letter apart", _slips(words)


def _alike(pairs: Iterable[tuple[object, str]]) -> list[frozenset[str]]:
    groups: dict[object, set[str]] = {}
    for key, word in pairs:
        groups.setdefault(key, set()).add(word)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


@lru_cache(maxsize=20_000)
def _words(concept: str) -> tuple[str, ...]:
    """The words of a concept in dictionary form, in one order, without those that only fill."""
    kept = [word for word in concept.split() if word not in STOP_WORDS]
    return tuple(sorted(simplemma.lemmatize(word, lang="en").casefold() for word in kept))


def _slips(words: Iterable[str]) -> list[frozenset[str]]:
    """Pairs one letter apart: left out, put in, changed, or two neighbors changed about."""
    without: dict[str, set[str]] = {}
    for word in words:
        if len(word) >= MIN_LETTERS - 1:
            for shorter in {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}:
                without.setdefault(shorter, set()).add(word)
    pairs = {
        frozenset(pair)
        for group in without.values()
        for pair in combinations(sorted(group), 2)
        if max(map(len, pair)) >= MIN_LETTERS and _is_a_slip(*pair)
    }
    return sorted(pairs, key=sorted)


def _is_a_slip(one: str, two: str) -> bool:
    """Whether one edit makes one word the other."""
    if abs(len(one) - len(two)) == 1:
        return True  # a letter left out of the longer gives the shorter: they share that key
    differ = [n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    if len(one) != len(two) or not differ or len(differ) > 2:
        return False
    if len(differ) == 1:
        return True
    first, second = differ
    return second == first + 1 and (one[first], one[second]) == (two[second], two[first])
