"""What reports are made of besides answers: plans made beforehand, snapshots, and API keys."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotator.models.study import Study


class Preregistration(models.Model):
    """A plan, frozen before the data: its hash and date stand for it."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="preregistrations")
    plan = models.JSONField(help_text="Hypotheses, rules, thresholds, exclusions, stopping.")
    sha256 = models.CharField(max_length=64)
    answer_count = models.PositiveIntegerField(help_text="Answers that were there already.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "sha256"], name="a_plan_is_registered_once"),
        ]


class Snapshot(models.Model):
    """A report as the answers stood; made by a task when answers came in."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshots")
    crowd = models.CharField(max_length=10)
    variant = models.CharField(max_length=40, blank=True, help_text="With which exclusions.")
    state = models.CharField(max_length=64, help_text="What it is made of, as a hash.")
    content = models.CharField(max_length=200, help_text="Its file in the storage.")
    seconds = models.FloatField(help_text="What making it cost.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "crowd", "variant", "state"], name="one_snapshot_a_state"
            ),
        ]


class AccessKey(models.Model):
    """Lets a script in by the API, as one account. The secret is derived, never stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_keys"
    )
    access_key_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
