"""What a set pays that was begun and not finished, and when it does.

The consent text states the share, so a change here is a change of every new text.
"""

from math import ceil

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.models import Assignment, Draft, LedgerEntry, Participant, Trace, Worker
from annotator.pay.ledger import Kind
from annotator.pay.work_time import seconds_worked

PART_SHARE = 0.5  # of the reward of a set that was begun and not finished
PART_SECONDS = 30  # of work on it, from which on the part is owed
ENTRIES = ("concept", "group", "marked", "remark")  # of a draft: what somebody judges or writes


def part_cents(assignment: Assignment) -> int:
    """What a begun set pays that was not finished, rounded up."""
    return ceil(PART_SHARE * assignment.hit.hit_type.reward_cents)


def part_in_words() -> str:
    """The share of its reward that a begun set pays, as the consent text says it."""
    return _("half")


def part_rule() -> str:
    """When a begun set pays a part, in a sentence for the page that has the button to stop."""
    sentence = _(
        "Of the open set you get %(part)s of the pay, once, if you have worked on it for at least "
        "%(seconds)s seconds and entered something."
    )
    return sentence % {"part": part_in_words(), "seconds": PART_SECONDS}


def earns_part(assignment: Assignment) -> bool:
    """Whether a begun set pays a part if its worker stops now, as the consent text says.

    It was worked on for PART_SECONDS, something was entered, no part was paid before, and the
    worker is somebody who is known again, or has submitted a set: by an open link anybody can
    enter as often as they like.
    """
    return may_earn_part(assignment.worker) and _was_worked_on(assignment)


def may_earn_part(worker: Worker) -> bool:
    """Whether a begun set may still pay a worker a part, once they have worked on one."""
    had_one = LedgerEntry.objects.filter(worker=worker, kind=Kind.PART).exists()
    return not had_one and _is_known(worker)


def _was_worked_on(assignment: Assignment) -> bool:
    traced = Trace.objects.filter(assignment=assignment).values_list("active_seconds", flat=True)
    row = Assignment.objects.filter(pk=assignment.pk).annotate(now=Now()).get()
    worked = seconds_worked(traced.first(), row.accepted_at, row.now) or 0
    drafted = Draft.objects.filter(assignment=assignment).values_list("content", flat=True).first()
    return worked >= PART_SECONDS and any((drafted or {}).get(name) for name in ENTRIES)


def _is_known(worker: Worker) -> bool:
    """Whether a worker has an account, a market's number, a personal link or a submitted set."""
    return bool(
        worker.user_id
        or (worker.invitation and worker.invitation.is_personal)
        or Participant.objects.filter(worker=worker).exists()
        or worker.assignments.filter(status__in=Assignment.DONE).exists()
    )
