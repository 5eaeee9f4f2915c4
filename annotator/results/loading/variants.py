"""Which answers are analyzed: six rules, so that a report shows what doubtful answers change.

Each rule is blind to concept and precision.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from annotator.models import Answer, Study
from annotator.results.loading.answers import (
    EXCLUSIONS,
    REVIEW_EXCLUSIONS,
    AnswerRow,
    Crowd,
    UnitName,
)

# The rules by the name that an address gives them, and what a report calls each.
VARIANTS = {
    "": _("as analyzed: without excluded answers, with flagged ones"),
    "without-flagged": _("the same without workers who have a signal against them"),
    "without-ai": _("the same without workers who said that they used an AI tool"),
    "with-excluded": _("the same with what reviewers excluded: soft-rejected, rejected, workers"),
    "with-opened": _("the same with what reviewers excluded after its words were open to them"),
    "every-answer": _("the same with answers that came after the first of their unit"),
}


@dataclass(frozen=True, slots=True)
class AnswerSplit:
    """Answers, split into those to analyze and those left out.

    Attributes:
        analysed: the answers that every number is made of, in their order.
        excluded: (answer, reason), the reason being a key of EXCLUSIONS.
    """

    analysed: tuple[AnswerRow, ...]
    excluded: tuple[tuple[AnswerRow, str], ...]

    @property
    def reasons(self) -> dict[str, int]:
        """How many answers are excluded, by reason; reasons without any are left out."""
        counts = Counter(reason for _, reason in self.excluded)
        return {reason: counts[reason] for reason in EXCLUSIONS if counts[reason]}

    @property
    def opened_count(self) -> int:
        """How many answers were excluded by decisions that were not blind."""
        return sum(row.is_excluded_opened for row, _ in self.excluded)

    @property
    def worker_reasons(self) -> tuple[tuple[str, int], ...]:
        """(why a worker was excluded, in the reviewer's words; that worker's answers), sorted."""
        of_workers = [row for row, reason in self.excluded if reason == "worker excluded"]
        return tuple(sorted(Counter(row.worker_excluded_why for row in of_workers).items()))


def split_answers(
    rows: Sequence[AnswerRow], first_answers: int | None = None, variant: str = ""
) -> AnswerSplit:
    """Split answers by a variant of the report into those to analyze and those left out.

    Args:
        first_answers: every unit is judged by this many of its first answers, in studies where a
            unit without a majority group gets more answers: stopping early where workers agree
            would flatter. None judges by all.
        variant: a key of VARIANTS.
    """
    reasons = [_exclusion(row, variant) for row in rows]
    if first_answers is not None and variant != "every-answer":
        kept = [place for place, reason in enumerate(reasons) if reason is None]
        for later in later_answers([rows[place] for place in kept], first_answers):
            reasons[kept[later]] = "later"
    for place, row in enumerate(rows):
        if reasons[place] is None:
            reasons[place] = _chosen_exclusion(row, variant)
    pairs = list(zip(rows, reasons, strict=True))
    return AnswerSplit(
        tuple(row for row, reason in pairs if reason is None),
        tuple((row, reason) for row, reason in pairs if reason is not None),
    )


def later_answers(rows: Sequence[AnswerRow], first: int) -> list[int]:
    """The places of answers after their unit's first ones, which most variants leave out.

    Answers are ordered by the time at which they were given, then by primary key.
    """
    seen: Counter[UnitName] = Counter()
    later = []
    for place in sorted(range(len(rows)), key=lambda place: _time_given(rows[place])):
        seen[rows[place].unit_name] += 1
        if seen[rows[place].unit_name] > first:
            later.append(place)
    return later


def _time_given(row: AnswerRow) -> tuple[float, int]:
    return row.given_at.timestamp() if row.given_at else 0.0, row.answer


def _chosen_exclusion(row: AnswerRow, variant: str) -> str | None:
    """Why a reader who chose a variant leaves out an answer that counts."""
    if variant == "without-flagged" and row.is_flagged:
        return "flagged"
    return "ai tool" if variant == "without-ai" and row.used_ai else None


def _exclusion(row: AnswerRow, variant: str) -> str | None:
    """Why a variant leaves out an answer, whatever other answers its unit has."""
    if variant == "with-excluded" and row.exclusion in REVIEW_EXCLUSIONS:
        return None if row.shown else "nothing shown"
    if variant == "with-opened" and row.is_excluded_opened:
        return None if row.shown else "nothing shown"
    return row.exclusion


def default_crowd(rows: Iterable[AnswerRow]) -> Crowd:
    """Which crowd's answers are analyzed by default: people's if there are any."""
    return "simulated" if {row.crowd for row in rows} == {"simulated"} else "people"


def default_crowd_of(study: Study) -> Crowd:
    """The crowd whose answers count in a study by default: people, or simulated workers alone."""
    answers = Answer.objects.filter(assignment__worker__study=study)
    if answers.exclude(assignment__worker__kind="simulated").exists():
        return "people"
    return "simulated" if answers.exists() else "people"
