"""What a HIT takes and pays: an hourly rate for the time that people need.

The time is assumed before a pilot and measured after it.
"""

from collections.abc import Iterable
from datetime import datetime
from math import ceil
from statistics import median

from annotator.models import Answer, Hit, HitType, Study, Worker
from annotator.models.gold import practice
from annotator.pay.money import dollars

DEFAULT_MINUTES = 4  # of a HIT, before a pilot has measured it
MIN_PILOT_ANSWERS = 5  # by people: the median of fewer is a guess


def hit_reward(hourly_cents: int, minutes: float) -> int:
    """Cents for a HIT of some minutes, rounded up, so that no hour pays less than the rate.

    >>> hit_reward(hourly_cents=1000, minutes=4)
    67
    """
    return ceil(hourly_cents * minutes / 60)


def planned_reward(
    study: Study, reward_cents: int | None = None, hourly_cents: int | None = None
) -> tuple[int, str]:
    """What the next HITs of a study will pay.

    Args:
        reward_cents: the reward itself, if somebody has set it.
        hourly_cents: None is the study's own rate.

    Returns:
        Cents for a HIT, and the minutes and rate that they come from, as a phrase in brackets.
    """
    if reward_cents is not None:
        return reward_cents, ""
    hourly = study.hourly_cents if hourly_cents is None else hourly_cents
    measured = measured_minutes(study)
    if measured is None:
        minutes, basis = float(DEFAULT_MINUTES), f"{DEFAULT_MINUTES} minutes assumed"
    else:
        minutes, basis = measured, f"{measured:.1f} minutes measured"
    return hit_reward(hourly, minutes), f" ({basis} at {dollars(hourly)} an hour)"


def current_reward(study: Study) -> int:
    """Cents for a HIT by the newest terms of a study; 0 before it is published."""
    terms = HitType.objects.filter(study=study).order_by("-pk").first()
    return terms.reward_cents if terms else 0


def seconds_worked(
    active_seconds: float | None, accepted_at: datetime, submitted_at: datetime | None
) -> float | None:
    """The time that an answer took, in seconds; None before it is submitted.

    Args:
        active_seconds: with the page in view and in use, as it reported. Where it reported
            nothing, the time from accepting to submitting counts.
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
    times = answers.values_list(
        "assignment__trace__active_seconds", "assignment__accepted_at", "assignment__submitted_at"
    )
    seconds = [taken for row in times if (taken := seconds_worked(*row)) is not None]
    return median(seconds) / 60 if len(seconds) >= MIN_PILOT_ANSWERS else None


def minutes_for(hit_count: int, seconds: Iterable[float | None]) -> int:
    """How many minutes some HITs will take one worker; at least 1 unless there are none.

    Args:
        seconds: what each of the worker's HITs took so far; None for one that is not submitted.
    """
    past = [taken for taken in seconds if taken is not None]
    minutes = median(past) / 60 if past else DEFAULT_MINUTES
    return max(1, round(hit_count * minutes)) if hit_count else 0
