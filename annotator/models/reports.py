"""What reports are made of besides answers: merges of words, machine names, plans, snapshots."""

from django.db import models
from django.db.models.functions import Now

from annotator.models.network import Unit
from annotator.models.study import Study


class ConceptMerge(models.Model):
    """A researcher's decision about words: they are one concept, or kept apart.

    A merge is undone, never deleted, so that every version can be computed again.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="merges")
    version = models.PositiveIntegerField(help_text="Counts the study's merges, from 1.")
    words = models.JSONField(help_text="Normalized words.")
    into = models.CharField(
        max_length=100,
        blank=True,
        help_text="The concept that the words become; empty if kept apart.",
    )
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="merge_versions_differ"),
        ]


class MachineName(models.Model):
    """The name that a method gives a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="machine_names")
    method = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    score = models.FloatField(
        null=True, blank=True, help_text="The method's own score, if it has one."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "method"], name="one_name_a_unit_and_method"),
        ]


class Preregistration(models.Model):
    """An analysis plan, registered before the data; the hash and the date prove it."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="preregistrations")
    plan = models.JSONField(help_text="Hypotheses, rules, thresholds, exclusions, stopping.")
    sha256 = models.CharField(max_length=64)
    answer_count = models.PositiveIntegerField(help_text="The number of answers at that time.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "sha256"], name="a_plan_is_registered_once"),
        ]


class Snapshot(models.Model):
    """A stored report on the answers at one moment. A task makes it when answers came in.

    Attributes:
        threshold: the one that a reader looks at, not stored; None is the study's.
    """

    threshold: float | None = None
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshots")
    crowd = models.CharField(max_length=10)
    variant = models.CharField(
        max_length=40, blank=True, help_text="Which answers are left out; empty: the usual rule."
    )
    state = models.CharField(
        max_length=64, help_text="Hash of the data that the report is made of."
    )
    content = models.CharField(max_length=200, help_text="Its folder in the storage.")
    seconds = models.FloatField(help_text="The time it took to make.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "crowd", "variant", "state"], name="one_snapshot_a_state"
            ),
        ]


class SnapshotRequest(models.Model):
    """A snapshot that a reader asked for and that does not exist yet; gone once it is made."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshot_requests")
    crowd = models.CharField(max_length=10)
    variant = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker last began to make it."
    )
    error = models.TextField(blank=True, help_text="Why it could not be made the last time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "crowd", "variant"], name="a_snapshot_is_asked_for_once"
            ),
        ]
