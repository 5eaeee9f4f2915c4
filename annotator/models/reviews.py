"""What reviewers propose and look at: rejections, and stored quality.

A second reviewer confirms a proposed rejection, and the worker can reply first. Quality is stored
so that pages read a page of rows, however large the study. It is computed from the answers, all at
once, by `crowd.review.quality_index`, and can be deleted.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.hit import Assignment
from annotator.models.people import Worker
from annotator.models.study import Study

REPLY_DAYS = 7  # in which the worker can reply before it is confirmed


class AnswerReview(models.Model):
    """The quality of one answer: its time, its catch images, and its signals.

    Keys and count are those of signals that use neither concept nor precision.
    """

    assignment = models.OneToOneField(
        Assignment, on_delete=models.CASCADE, primary_key=True, related_name="review"
    )
    seconds = models.FloatField(null=True, blank=True)
    catch_shown = models.PositiveSmallIntegerField(default=0)
    catch_kept = models.PositiveSmallIntegerField(
        default=0, help_text="Left unmarked at first submit."
    )
    signals = models.JSONField(default=list, help_text="Pairs of a key and a reason.")
    signal_keys = models.CharField(
        max_length=200, blank=True, help_text="The keys, each between spaces."
    )
    signal_count = models.PositiveSmallIntegerField(default=0)


class WorkerReview(models.Model):
    """The quality of one worker's answers."""

    worker = models.OneToOneField(
        Worker, on_delete=models.CASCADE, primary_key=True, related_name="review"
    )
    quality = models.JSONField(help_text="The fields of a WorkerQuality.")


class StudyReview(models.Model):
    """When a study's answers were looked at, and what they were."""

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, primary_key=True, related_name="review"
    )
    at = models.DateTimeField(db_default=Now())
    version = models.CharField(max_length=100, help_text="Tells whether answers have changed.")
    bad_catch = models.JSONField(default=list, help_text="Rows of CatchImage, the worst first.")
    totals = models.JSONField(default=dict, help_text="The fields of QualityTotals.")


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

    @classmethod
    def withdraw_open(cls, assignments: Iterable[int]) -> int:
        """Close open proposals about answers, since a reviewer decides otherwise about these."""
        open_proposals = cls.objects.filter(
            assignment__in=list(assignments), closed_at__isnull=True
        )
        return open_proposals.update(closed_at=Now(), outcome=cls.Outcome.WITHDRAWN)

    @property
    def is_reply_over(self) -> bool:
        """Whether the worker has had the time to reply."""
        return self.reply_until <= now()
