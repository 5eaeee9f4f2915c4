"""When a study will be finished, if answers keep coming as they did."""

from datetime import datetime, timedelta

from annotator.crowd.watch.counts import Activity

MIN_ANSWERS = 5  # fewer say nothing about the pace
MIN_HOURS = 1.0
MAX_DAYS = 365  # further away is "not soon"


def estimated_finish(activity: Activity, left: int, at: datetime) -> datetime | None:
    """When the last of `left` answers will come at the pace of the last three days.

    Nights and weekends slow people down and are in the pace only if they lie in these days.

    Returns:
        None where fewer than MIN_ANSWERS came in, nothing is left, or it takes above MAX_DAYS.
    """
    if not left or activity.recent < MIN_ANSWERS or activity.recent_since is None:
        return None
    hours = max((at - activity.recent_since) / timedelta(hours=1), MIN_HOURS)
    days_left = left * hours / activity.recent / 24
    return at + timedelta(days=days_left) if days_left <= MAX_DAYS else None
