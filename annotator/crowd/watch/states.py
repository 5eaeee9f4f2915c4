"""States of a study that its requesters want to hear of: done, stuck, out of budget, to review."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from annotator.crowd.scheduling.progress import layer_counts, total
from annotator.crowd.watch.overview import Activity, activity
from annotator.models import AuditRow, Hit, Notice, Study, Worker
from annotator.pay.budget import committed_cents
from annotator.pay.rewards import current_reward

Kind = Notice.Kind
AT_REST = timedelta(days=14)  # without an answer: nobody waits for news of such a study


def states_of(study: Study, at: datetime) -> set[str]:
    """The states that a study is in now, of those that its requesters are told about.

    None of simulated or imported answers, and none of a study at rest. A run that failed is one
    whether or not anybody answers yet.
    """
    return _crowd_states(study, at) | ({Kind.FAILED.value} if _has_failed(study, at) else set())


def _has_failed(study: Study, at: datetime) -> bool:
    """Whether a run or a publication has failed, and nobody has started it again since."""
    since = at - AT_REST
    newest = [jobs.order_by("-pk").first() for jobs in (study.runs, study.publications)]
    return any(job and job.status == "failed" and job.finished_at > since for job in newest)


def _crowd_states(study: Study, at: datetime) -> set[str]:
    if not Worker.objects.filter(study=study, kind=Worker.Kind.PERSON).exists():
        return set()
    now = activity(study, at)
    last = _last_change(study, now)
    if last is None or last < at - AT_REST:
        return set()
    filled, wanted = total(layer_counts(study))
    states = {Kind.REVIEW.value} if now.waiting else set()
    if wanted and filled == wanted:
        return states | {Kind.DONE.value}
    if filled < wanted and study.paused_at is None:
        if _is_spent(study):
            return states | {Kind.BUDGET.value}
        if last < at - timedelta(hours=settings.STUCK_HOURS):
            return states | {Kind.STUCK.value}
    return states


def _last_change(study: Study, now: Activity) -> datetime | None:
    """The latest of: an answer, HITs published, or something done about the study as a whole."""
    published = Hit.objects.filter(unit__layer__network__study=study)
    changed = AuditRow.objects.filter(study=study, assignment=None, worker=None)
    times = (
        now.last_at,
        published.aggregate(last=Max("published_at"))["last"],
        changed.exclude(action="look").aggregate(last=Max("at"))["last"],
    )
    return max((time for time in times if time), default=None)


def _is_spent(study: Study) -> bool:
    """Whether the budget has no room for another answer."""
    if study.budget_cents is None:
        return False
    return bool(committed_cents(study) + current_reward(study) > study.budget_cents)
