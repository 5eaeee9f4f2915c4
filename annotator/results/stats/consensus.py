"""The word that most workers chose for a unit, and its precision under that word."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.precision import unit_mean


@dataclass(frozen=True, slots=True)
class UnitConsensus:
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


def unit_consensus(
    answers: Sequence[AnswerRow], normalise: Normalise = normalised
) -> UnitConsensus:
    """Name a unit by its counted answers; "nothing in common" names nothing, but is counted."""
    words = [normalise(row.concept) if row.says != "nothing" else "" for row in answers]
    votes = ranked_counts(word for word in words if word)
    consensus = None
    if votes and votes[0][1] >= 2 and 2 * votes[0][1] > len(answers):
        consensus = votes[0][0]
    agreeing = [row for row, word in zip(answers, words, strict=True) if word == consensus]
    return UnitConsensus(votes, consensus, unit_mean(agreeing) if consensus else None)


def ranked_counts(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(word, count), the most frequent first, ties by name."""
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
