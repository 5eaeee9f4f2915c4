"""What reviewers look at, kept so that their pages read a page of rows, however large the study.

It is computed from the answers, all at once, by `crowd.review.quality_index`, and can be deleted.
"""

from django.db import models
from django.db.models.functions import Now

from annotator.models.hit import Assignment
from annotator.models.people import Worker
from annotator.models.study import Study


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
