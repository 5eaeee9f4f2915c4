"""What a HIT pays: a rate by the hour for the time that one takes."""

from annotator.models import Study

MINUTES_ASSUMED = 4  # a HIT, before a pilot has measured it


def reward_of(study: Study, reward_cents: int | None, hourly_cents: int | None) -> tuple[int, str]:
    """Cents for a HIT, and in words what they rest on.

    Args:
        reward_cents: where it is set outright.
        hourly_cents: None is the study's own rate.
    """
    if reward_cents is not None:
        return reward_cents, ""
    hourly = study.hourly_cents if hourly_cents is None else hourly_cents
    reward = reward_for(hourly)
    return reward, f" ({MINUTES_ASSUMED} minutes assumed at {hourly / 100:.2f} an hour)"


def reward_for(hourly_cents: int, minutes: float = MINUTES_ASSUMED) -> int:
    """Cents for a HIT of so many minutes, rounded up: a rate is a floor, not a wish."""
    return -int(-hourly_cents * minutes // 60)
