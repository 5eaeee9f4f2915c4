"""Who answered a study: people, the rates of returns and exclusions, and the first and last day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.results.loading.answers import AnswerRow, Crowd
from annotator.results.loading.assignments import ExclusionFlow
from annotator.results.loading.people import People


@dataclass(frozen=True, slots=True)
class WhoAnswered:
    """Who gave the answers of one crowd.

    Attributes:
        people: None for simulated workers, and where another campaign's table says nothing.
        first_at, last_at: when the first and last answer were given; None where that is not known.
        return_rate: returned / accepted assignments.
        exclusion_rate: excluded / submitted answers.
    """

    people: People | None
    first_at: datetime | None
    last_at: datetime | None
    return_rate: float | None
    exclusion_rate: float | None

    @property
    def used_ai_count(self) -> int:
        """How many people said that they used an AI tool."""
        return self.people.closing.yes if self.people else 0


def who_answered(
    crowd: Crowd, people: People | None, answers: Iterable[AnswerRow], flow: ExclusionFlow
) -> WhoAnswered:
    """Compute who answered: people, the rates of returns and exclusions, the first and last day.

    Args:
        answers: all that the crowd submitted. Imported ones tell no time: theirs is the import's.
    """
    times = [row.given_at for row in answers if row.given_at and row.kind != "imported"]
    return WhoAnswered(
        people=people if crowd == "people" and people and people.count else None,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        return_rate=flow.return_rate,
        exclusion_rate=flow.exclusion_rate,
    )
