"""The word that most workers chose for a unit, and its precision under that word."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import simplemma

from annotator.results.answers import AnswerRow
from annotator.results.precision import unit_mean

Normalise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a unit was called.

    Attributes:
        votes: (concept, answers), the most named first, ties by name. Raw words are merged.
        consensus: the first of them if at least two answers, and more than half, share it.
        precision: the mean precision of the answers that share the consensus.
    """

    votes: tuple[tuple[str, int], ...]
    consensus: str | None
    precision: float | None

    @property
    def concept(self) -> str | None:
        """The consensus, or the word of a unit that only one was used for; else None."""
        return self.votes[0][0] if self.consensus or len(self.votes) == 1 else None


def normalised(concept: str) -> str:
    """A concept in lower case, one form for each letter, one space between words, singular.

    Only the last word is brought to its dictionary form, for it names the thing: brown dogs are
    a brown dog. Raw words stay on the answers.
    """
    words = unicodedata.normalize("NFKC", concept).casefold().split()
    if words:
        words[-1] = _dictionary_form(words[-1])
    return " ".join(words)


@lru_cache(maxsize=10_000)
def _dictionary_form(word: str) -> str:
    return simplemma.lemmatize(word, lang="en").casefold()


def named(answers: Sequence[AnswerRow], normalise: Normalise = normalised) -> Named:
    """Name a unit by its counted answers; "nothing in common" names nothing, but is counted."""
    words = [normalise(row.concept) if row.says != "nothing" else "" for row in answers]
    votes = ranked(word for word in words if word)
    consensus = None
    if votes and votes[0][1] >= 2 and 2 * votes[0][1] > len(answers):
        consensus = votes[0][0]
    agreeing = [row for row, word in zip(answers, words, strict=True) if word == consensus]
    return Named(votes, consensus, unit_mean(agreeing) if consensus else None)


def ranked(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(word, count), the most frequent first, ties by name."""
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
