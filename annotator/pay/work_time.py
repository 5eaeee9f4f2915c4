"""Work time: how long an answer took, the median of a study, and what is left for a worker."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from annotator.models import Answer, Hit, Study, Worker
from annotator.models.gold import practice

DEFAULT_MINUTES = 4  # of a HIT, before a pilot has measured it
DEFAULT_WEIGHT = 5  # HITs: a worker's first few fast or slow ones do not make the estimate jump
MIN_PILOT_ANSWERS = 5  # by people: the median of fewer is a guess


def seconds_worked(
    active_seconds: float | None, accepted_at: datetime, submitted_at: datetime | None
) -> float | None:
    """The work time of an answer in seconds; None before it is submitted.

    It is the one time of an answer: pay, reports and quality signals all take it. A browser can
    report any number, so no more counts than passed from accepting to submitting.

    Args:
        active_seconds: with the page in view and in use, as it reported. Where it reported
            nothing, the time from accepting to submitting counts.
    """
    if submitted_at is None:
        return None
    passed = max(0.0, (submitted_at - accepted_at).total_seconds())
    return min(active_seconds or passed, passed)


def measured_minutes(study: Study) -> float | None:
    """The median work time of a study's answers by people, in minutes; None before a pilot."""
    answers = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING,
        assignment__worker__study=study,
        assignment__worker__kind=Worker.Kind.PERSON,
        assignment__submitted_at__isnull=False,
    ).exclude(practice("assignment__unit__"))
    times = answers.values_list(
        "assignment__trace__active_seconds", "assignment__accepted_at", "assignment__submitted_at"
    )
    seconds = [taken for row in times if (taken := seconds_worked(*row)) is not None]
    return median(seconds) / 60 if len(seconds) >= MIN_PILOT_ANSWERS else None


def minutes_for(hit_count: int, seconds: Iterable[float | None]) -> int:
    """How many minutes of work time some HITs are for one worker; at least 1 unless there are none.

    The worker's median time counts as often as it was measured, the default DEFAULT_WEIGHT times.

    Args:
        seconds: what each of the worker's HITs took so far; None for one that is not submitted.
    """
    past = [taken for taken in seconds if taken is not None]
    measured = len(past) * median(past) / 60 if past else 0
    minutes = (measured + DEFAULT_WEIGHT * DEFAULT_MINUTES) / (len(past) + DEFAULT_WEIGHT)
    return max(1, round(hit_count * minutes)) if hit_count else 0
