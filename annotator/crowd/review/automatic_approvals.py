"""Automatic approvals: answers are approved in the promised time if nobody decides."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import RejectionRefused
from annotator.crowd.review.answer_list import waiting
from annotator.crowd.review.decisions import decide_all
from annotator.models import ProposedRejection, Study, Worker

LAPSE_DAYS = 14  # after the proposal: the worker does not wait for ever
MAX_APPROVAL_DAYS = 30
AUTOMATIC = Actor("automatic approval")


def approve_due(study: Study) -> int:
    """Approve automatically what nobody has decided in time; returns how many. Idempotent.

    An answer that somebody proposed to reject waits until that is decided, or lapses.
    """
    lapsed = ProposedRejection.objects.filter(
        assignment__worker__study=study,
        closed_at__isnull=True,
        proposed_at__lte=Now() - timedelta(days=LAPSE_DAYS),
    )
    lapsed.update(closed_at=Now(), outcome=ProposedRejection.Outcome.LAPSED)
    if study.approval_days is None:
        return 0
    proposals = ProposedRejection.objects.filter(assignment=OuterRef("pk"), closed_at__isnull=True)
    due = waiting(study).filter(
        ~Exists(proposals),
        worker__kind=Worker.Kind.PERSON,
        submitted_at__lte=Now() - timedelta(days=study.approval_days),
    )
    return decide_all(due, "approve", AUTOMATIC)


def set_approval_days(study: Study, days: int, by: Actor) -> None:
    """Set after how many days answers are approved automatically.

    Raises:
        RejectionRefused: it is below 1 or above MAX_APPROVAL_DAYS, or longer than what people whose
            answers wait were promised.
    """
    if not 1 <= days <= MAX_APPROVAL_DAYS:
        raise RejectionRefused(
            _("Answers are approved after 1 to %(max_approval_days)s days, got %(days)s.")
            % {"max_approval_days": MAX_APPROVAL_DAYS, "days": days}
        )
    before = study.approval_days
    people_wait = waiting(study).filter(worker__kind=Worker.Kind.PERSON).exists()
    if before is not None and days > before and people_wait:
        raise RejectionRefused(
            _(
                "People whose answers wait were promised %(before)s days: the time can be "
                "shortened, and made longer when no answer waits."
            )
            % {"before": before}
        )
    with transaction.atomic():
        Study.objects.filter(pk=study.pk).update(approval_days=days)
        if before != days:
            note(study, by, "settings", approval_days=[before, days])
