"""Rejections that a reviewer proposed: a second one confirms, and the worker can reply first."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.hit import Assignment

REPLY_DAYS = 7  # in which the worker can reply before it is confirmed


class ProposedRejection(models.Model):
    """A reviewer's proposal to reject an answer. It decides nothing until it is confirmed."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", "a second reviewer confirmed it"
        WITHDRAWN = "withdrawn", "somebody decided otherwise"
        LAPSED = "lapsed", "nobody confirmed it in time"

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="proposed_rejections"
    )
    reason = models.CharField(max_length=500, help_text="The worker reads it.")
    grounds = models.CharField(max_length=200, help_text="The rule that allows it, in words.")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    proposed_by_name = models.CharField(max_length=150)
    proposed_at = models.DateTimeField(db_default=Now())
    reply = models.CharField(max_length=1000, blank=True, help_text="In the worker's words.")
    replied_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(closed_at__isnull=True),
                name="one_open_proposal_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(~Q(outcome=""), closed_at__isnull=False),
                name="a_closed_proposal_has_an_outcome",
            ),
        ]

    @property
    def reply_until(self) -> datetime:
        """Until when the worker may reply: only after that it can be confirmed."""
        return self.proposed_at + timedelta(days=REPLY_DAYS)

    @property
    def is_reply_over(self) -> bool:
        """Whether the worker has had the time to reply."""
        return self.reply_until <= now()
