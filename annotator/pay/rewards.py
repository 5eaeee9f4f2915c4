"""What a HIT pays: an hourly rate for the time that people need.

That work time is assumed before a pilot and measured after it.
"""

from math import ceil

from annotator.models import HitType, Study
from annotator.pay.money import dollars
from annotator.pay.work_time import DEFAULT_MINUTES, measured_minutes


def hit_reward(hourly_cents: int, minutes: float) -> int:
    """The reward for a HIT of some minutes, in cents, rounded up to keep the hourly rate.

    >>> hit_reward(hourly_cents=1000, minutes=4)
    67
    """
    return ceil(hourly_cents * minutes / 60)


def planned_reward(
    study: Study, reward_cents: int | None = None, hourly_cents: int | None = None
) -> tuple[int, str]:
    """The reward that the next HITs of a study will pay.

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
    """The reward of a HIT by a study's newest terms, in cents; 0 before it is published."""
    terms = HitType.objects.filter(study=study).order_by("-pk").first()
    return terms.reward_cents if terms else 0
