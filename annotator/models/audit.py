"""The audit trail, and what requesters are told by e-mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotator.models.hit import Assignment, Hit
from annotator.models.people import Worker
from annotator.models.study import Study

# Actions that other code looks for.
LOOK = "look"  # somebody opened results
OPEN = "open answer"  # a reviewer opened the words of a HIT's answers
RAISE = "raise redundancy"  # more answers for every unit
LOWER = "lower redundancy"  # fewer, where nobody has taken a place
ADAPTIVE = "adaptive redundancy"  # more answers for units without a majority


class AuditRow(models.Model):
    """A change that somebody made to a study. Rows are added, never changed."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="audit")
    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    actor_name = models.CharField(
        max_length=150, help_text="The account's name, `command`, or `at the machine`."
    )
    action = models.CharField(max_length=40)
    hit = models.ForeignKey(Hit, on_delete=models.SET_NULL, null=True, blank=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.SET_NULL, null=True, blank=True)
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, blank=True)
    detail = models.JSONField(default=dict, help_text="Field to [old value, new value].")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["study", "action"], name="what_was_done_in_a_study")]


class Notice(models.Model):
    """A state of a study that its requesters are told about once, as long as it lasts."""

    class Kind(models.TextChoices):
        DONE = "done", "all answers are in"
        STUCK = "stuck", "no answers come in"
        BUDGET = "budget", "the budget is spent"
        FAILED = "failed", "a run failed"
        REVIEW = "review", "answers wait for review"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True, help_text="None: the state lasts.")
    sent_to = models.JSONField(
        default=list, help_text="Primary keys of the accounts that got it, and `webhook`."
    )
    is_sent = models.BooleanField(default=False, help_text="Everybody who wants it has got it.")
    try_count = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "kind"],
                condition=Q(ended_at__isnull=True),
                name="a_state_that_lasts_is_told_once",
            ),
        ]
