"""Words for units: how a researcher merged people's, and what machines called them."""

from django.db import models
from django.db.models.functions import Now

from annotator.models.study import Study, Unit


class ConceptMerge(models.Model):
    """What a researcher says of words: one concept, or kept apart. Undone, not deleted."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="merges")
    version = models.PositiveIntegerField(help_text="Counts on through all merges of a study.")
    words = models.JSONField(help_text="Normalised words.")
    into = models.CharField(
        max_length=100, blank=True, help_text="The concept that they become; empty: kept apart."
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
    """What a method calls a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="machine_names")
    method = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    score = models.FloatField(null=True, blank=True, help_text="The method's own, if it has one.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "method"], name="one_name_a_unit_and_method"),
        ]
