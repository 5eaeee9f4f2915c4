"""How long a HIT takes: assumed before a pilot, measured after it. Rewards and promises of time
come from it.
"""

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from annotator.models import Answer, Hit, Study, Worker
from annotator.models.gold import practice

DEFAULT_MINUTES = 4  # a HIT, before a pilot has measured it
MIN_PILOT_ANSWERS = 5  # answers by people that make a pilot: a median of fewer is a guess


def seconds_worked(
    active_seconds: float | None, accepted_at: datetime, submitted_at: datetime | None
) -> float | None:
    """What an answer took: with the page in view and in use, else from accepting to submitting.

    None before it is submitted.
    """
    if submitted_at is None:
        return None
    return active_seconds or (submitted_at - accepted_at).total_seconds()


def measured_minutes(study: Study) -> float | None:
    """The median time of people's answers, practice left out; None before a pilot."""
    answers = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING,
        assignment__worker__study=study,
        assignment__worker__kind=Worker.Kind.PERSON,
        assignment__submitted_at__isnull=False,
    ).exclude(practice("assignment__unit__"))
    rows = answers.values_list(
        "assignment__trace__active_seconds", "assignment__accepted_at", "assignment__submitted_at"
    )
    seconds = [taken for row in rows if (taken := seconds_worked(*row)) is not None]
    return median(seconds) / 60 if len(seconds) >= MIN_PILOT_ANSWERS else None


def minutes_per_hit(study: Study) -> tuple[float, bool]:
    """What a HIT of the study takes, and whether that was measured."""
    measured = measured_minutes(study)
    return (DEFAULT_MINUTES, False) if measured is None else (measured, True)


def minutes_for(hits: int, seconds: Iterable[float | None]) -> int:
    """What so many HITs will take somebody whose HITs have taken this long so far, in minutes.

    At least 1 where there is something to do: nothing takes no time.
    """
    known = [one for one in seconds if one is not None]
    each = median(known) / 60 if known else DEFAULT_MINUTES
    return max(1, round(hits * each)) if hits else 0
