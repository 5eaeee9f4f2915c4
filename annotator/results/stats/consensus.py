"""The consensus of a unit: the concept that most of its counted answers give it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.precision import unit_mean

MIN_VOTES = 2


@dataclass(frozen=True, slots=True)
class UnitConsensus:
    """What the counted answers of a unit call it.

    Attributes:
        votes: (concept, answers), the most frequent first, ties by name.
        consensus: the first concept if at least MIN_VOTES answers, and more than half of all, give
            it; else None.
        precision: the mean precision of the answers that give the consensus.
    """

    votes: tuple[tuple[str, int], ...]
    consensus: str | None
    precision: float | None

    @property
    def concept(self) -> str | None:
        """The consensus, or the only concept that was given; None where concepts compete."""
        return self.votes[0][0] if self.consensus or len(self.votes) == 1 else None


def unit_consensus(
    answers: Sequence[AnswerRow], normalise: Normalise = normalised
) -> UnitConsensus:
    """Find a unit's consensus: count the concepts of its counted answers.

    An answer that says "nothing in common" votes for no concept, but counts among all answers.

    Args:
        normalise: from a word as typed to its concept.
    """
    concepts = ["" if row.says == "nothing" else normalise(row.concept) for row in answers]
    votes = ranked_counts(concept for concept in concepts if concept)
    consensus = None
    if votes and votes[0][1] >= MIN_VOTES and 2 * votes[0][1] > len(answers):
        consensus = votes[0][0]
    agreeing = [row for row, concept in zip(answers, concepts, strict=True) if concept == consensus]
    return UnitConsensus(votes, consensus, unit_mean(agreeing) if consensus else None)


def ranked_counts(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Rank concepts for a consensus: (word, count), most frequent first, ties by name.

    >>> ranked_counts(["sky", "car", "sky", "bus"])
    (('sky', 2), ('bus', 1), ('car', 1))
    """
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
