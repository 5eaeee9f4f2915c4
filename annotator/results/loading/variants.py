"""One switch, both numbers: a report with and without the answers that somebody might doubt.

The rule that decides which answers are analysed is blind to concept and precision in all of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.results.loading.answers import (
    EXCLUSIONS,
    REVIEW_EXCLUSIONS,
    AnswerRow,
    UnitName,
    exclusion,
)

VARIANTS = {
    "": "as analysed: excluded answers left out, flagged ones counted",
    "without-flagged": "the same without workers who have a signal against them",
    "with-excluded": "the same with what reviewers excluded: soft-rejected, rejected, workers",
    "every-answer": "the same with answers that came after the first of their unit",
}


@dataclass(frozen=True, slots=True)
class AnswerSplit:
    """Answers by what became of them.

    Attributes:
        analysed: those that every number is made of, in their order.
        excluded: (answer, why), why being a key of EXCLUSIONS.
    """

    analysed: tuple[AnswerRow, ...]
    excluded: tuple[tuple[AnswerRow, str], ...]

    @property
    def reasons(self) -> dict[str, int]:
        """How many answers are excluded, by reason; reasons without any are left out."""
        counts = Counter(why for _, why in self.excluded)
        return {reason: counts[reason] for reason in EXCLUSIONS if counts[reason]}

    @property
    def whys(self) -> tuple[tuple[str, int], ...]:
        """(why a worker was excluded, in the reviewer's words; their answers), by words."""
        of_workers = [row for row, why in self.excluded if why == "worker excluded"]
        return tuple(sorted(Counter(row.worker_excluded_why for row in of_workers).items()))


def split_answers(
    rows: Sequence[AnswerRow], first_answers: int | None = None, variant: str = ""
) -> AnswerSplit:
    """Sort answers into those to analyse and those left out.

    Args:
        first_answers: where a unit without a majority group gets more answers than others, every
            unit is judged by so many of its first: stopping early for agreement would flatter.
        variant: a key of VARIANTS.
    """
    whys = [_why(row, variant) for row in rows]
    if first_answers is not None and variant != "every-answer":
        good = [n for n, why in enumerate(whys) if why is None]
        for place in later_answers([rows[n] for n in good], first_answers):
            whys[good[place]] = "later"
    if variant == "without-flagged":
        whys = [
            why or ("flagged" if row.is_flagged else None)
            for row, why in zip(rows, whys, strict=True)
        ]
    pairs = list(zip(rows, whys, strict=True))
    return AnswerSplit(
        tuple(row for row, why in pairs if why is None),
        tuple((row, why) for row, why in pairs if why is not None),
    )


def later_answers(rows: Sequence[AnswerRow], first: int) -> list[int]:
    """Which answers came after the first so many of their unit, by when they were given.

    Returns:
        Their places among the rows.
    """
    seen: Counter[UnitName] = Counter()
    later = []
    for place in sorted(range(len(rows)), key=lambda place: _given(rows[place])):
        seen[rows[place].unit_name] += 1
        if seen[rows[place].unit_name] > first:
            later.append(place)
    return later


def _given(row: AnswerRow) -> tuple[float, int]:
    return row.given_at.timestamp() if row.given_at else 0.0, row.answer


def _why(row: AnswerRow, variant: str) -> str | None:
    """Why an answer is left out whatever else its unit has; the reasons are those of exclusion."""
    why = exclusion(row)
    if variant == "with-excluded" and why in REVIEW_EXCLUSIONS:
        return None if row.shown else "nothing shown"
    return why
