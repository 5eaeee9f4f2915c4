"""The audit trail."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotator.models.hit import Assignment, Hit
from annotator.models.people import Worker
from annotator.models.study import Study


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
