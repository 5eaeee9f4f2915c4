"""What a HIT pays: a rate by the hour for the time that one takes."""

from annotator.models import Study
from annotator.pay.pace import DEFAULT_MINUTES, minutes_per_hit


def reward_of(study: Study, reward_cents: int | None, hourly_cents: int | None) -> tuple[int, str]:
    """Cents for a HIT, and in words what they rest on.

    Args:
        reward_cents: where it is set outright.
        hourly_cents: None is the study's own rate.
    """
    if reward_cents is not None:
        return reward_cents, ""
    hourly = study.hourly_cents if hourly_cents is None else hourly_cents
    minutes, is_measured = minutes_per_hit(study)
    how = f"{minutes:.1f} minutes measured" if is_measured else f"{minutes} minutes assumed"
    return reward_for(hourly, minutes), f" ({how} at {hourly / 100:.2f} an hour)"


def reward_for(hourly_cents: int, minutes: float = DEFAULT_MINUTES) -> int:
    """Cents for a HIT of so many minutes, rounded up: a rate is a floor, not a wish."""
    return -int(-hourly_cents * minutes // 60)
