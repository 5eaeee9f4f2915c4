"""How long messages, traces, names in the audit trail and numbers at markets stay, by settings."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotator.models import Assignment, AuditRow, Participant
from annotator.retention.personal_data import SOMEBODY, empty_messages, empty_traces, replace_number


class RehearsalOver(Exception):
    """Ends the transaction of a rehearsal, so that nothing is changed."""


def delete_by_age(is_rehearsal: bool = False) -> dict[str, int]:
    """Delete what is older than its setting says. Idempotent. What has no setting stays.

    Args:
        is_rehearsal: count only, and change nothing.

    Returns:
        How many of each kind.
    """
    counts = {}
    try:
        with transaction.atomic():
            for kind, days in settings.KEEP_DAYS.items():
                if days is not None:
                    counts[kind] = DELETE[kind](Now() - timedelta(days=days))
            if is_rehearsal:
                raise RehearsalOver
    except RehearsalOver:
        pass
    return counts


def _messages(before: Now) -> int:
    return empty_messages(_done(before))


def _traces(before: Now) -> int:
    return empty_traces(_done(before))


def _done(before: Now):
    """Assignments that were accepted before a moment and are over."""
    rows = Assignment.objects.filter(accepted_at__lt=before)
    return rows.exclude(status__in=Assignment.OPEN).exclude(
        proposed_rejections__closed_at=None, proposed_rejections__isnull=False
    )


def _names(before: Now) -> int:
    rows = AuditRow.objects.filter(at__lt=before).exclude(actor=None, actor_name=SOMEBODY)
    return rows.update(actor=None, actor_name=SOMEBODY)


def _numbers(before: Now) -> int:
    people = Participant.objects.annotate(ended_at=Max("sessions__ended_at"))
    over = people.filter(ended_at__lt=before).exclude(sessions__outcome="")
    return sum(replace_number(participant) for participant in over)


# What each setting is about; the names are those of settings.KEEP_DAYS.
DELETE = {"messages": _messages, "traces": _traces, "names": _names, "numbers": _numbers}
