"""Celery tasks: an id goes in, nothing comes out.

The tables are the queue: a message only tells a worker to look at a row. So every task is
idempotent, and a message that is lost or delivered twice does no harm. The names of tasks stay,
wherever their functions are: schedules and messages of older versions have them.

jobs      work off one waiting row: a run, a shard of it, an analysis, a publication
periodic  what beat sends again and again
reports   make snapshots of reports
messages  how a task is sent and repeated
"""

from annotator.tasks.jobs import analyse, collect, dissect, notify_workers, publish
from annotator.tasks.periodic import (
    end_market_sessions,
    expire_lapsed_assignments,
    keep_only_what_is_needed,
    pay_upkeep,
    requeue_lost_runs,
    store_due_quality,
    take_due_snapshots,
    tell_requesters,
)
from annotator.tasks.reports import current_snapshot, take_snapshot

__all__ = [
    "analyse",
    "collect",
    "current_snapshot",
    "dissect",
    "end_market_sessions",
    "expire_lapsed_assignments",
    "keep_only_what_is_needed",
    "notify_workers",
    "pay_upkeep",
    "publish",
    "requeue_lost_runs",
    "store_due_quality",
    "take_due_snapshots",
    "take_snapshot",
    "tell_requesters",
]
