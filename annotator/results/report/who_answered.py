"""Who answered a study: people, the first and last day, and the flow of exclusions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.results.loading.answers import AnswerRow, Crowd
from annotator.results.loading.assignments import AssignmentRow
from annotator.results.loading.people import People
from annotator.results.loading.variants import AnswerSplit


@dataclass(frozen=True, slots=True)
class ExclusionFlow:
    """Assignments of one crowd, each counted once at every step that it reached.

    Attributes:
        accepted: by a worker: returned + expired + open + submitted.
        excluded: submitted but not analyzed, by reason; the reasons are answers.EXCLUSIONS.
        worker_reasons: (why a worker was excluded, in the reviewer's words; that worker's answers).
        analysed: the answers that every number is made of.
        opened: excluded answers whose words were open to the reviewer who decided: not blind.
    """

    accepted: int
    returned: int
    expired: int
    open: int
    submitted: int
    excluded: dict[str, int]
    worker_reasons: tuple[tuple[str, int], ...]
    analysed: int
    opened: int = 0

    @property
    def return_rate(self) -> float | None:
        """Returned / accepted; None where no worker accepted anything."""
        return self.returned / self.accepted if self.accepted else None

    @property
    def exclusion_rate(self) -> float | None:
        """Submitted answers that are not analyzed / submitted ones; None where there are none."""
        return (self.submitted - self.analysed) / self.submitted if self.submitted else None


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
    def days(self) -> str:
        """The days of the first and last answer; empty if they are not known."""
        if self.first_at is None or self.last_at is None:
            return ""
        first, last = f"{self.first_at:%Y-%m-%d}", f"{self.last_at:%Y-%m-%d}"
        return first if first == last else f"{first} to {last}"

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


def exclusion_flow(assignments: Iterable[AssignmentRow], answers: AnswerSplit) -> ExclusionFlow:
    """What became of one crowd's assignments: the flow of exclusions to analyzed answers.

    Imported answers have no assignments of their own: then the answers are what was accepted.
    """
    counts: Counter[str] = Counter()
    for row in assignments:
        counts[row.status] += row.count
    submitted = len(answers.analysed) + len(answers.excluded)
    accepted = max(counts.total(), submitted)
    return ExclusionFlow(
        accepted=accepted,
        returned=counts["returned"],
        expired=counts["expired"],
        open=max(accepted - counts["returned"] - counts["expired"] - submitted, 0),
        submitted=submitted,
        excluded=answers.reasons,
        worker_reasons=answers.worker_reasons,
        analysed=len(answers.analysed),
        opened=answers.opened_count,
    )
