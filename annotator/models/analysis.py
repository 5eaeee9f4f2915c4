"""Questions to a network that take a while: asked on a page, answered by a worker."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.jobs import LEASE, Claimable
from annotator.models.study import Network


class AnalysisQuerySet(models.QuerySet):
    def waiting(self) -> "AnalysisQuerySet":
        """Those that want a worker: new, or lost with the worker that had it."""
        lost = Q(status=Analysis.Status.RUNNING, renewed_at__lt=Now() - LEASE)
        return self.filter(Q(status=Analysis.Status.WAITING) | lost)


class Analysis(Claimable):
    """One question to one network, such as an occlusion map; its answer is numbers and pictures."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        RUNNING = "running", "being worked on"
        DONE = "done", "finished"
        FAILED = "failed", "failed"

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="analyses")
    kind = models.CharField(max_length=20, help_text="The command of `python -m dissect`.")
    asked = models.JSONField(help_text="The command's options.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True, blank=True, help_text="What `--format json` prints.")
    pictures = models.JSONField(default=dict, help_text="Name to its file in the storage.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"

    def __str__(self) -> str:
        return f"{self.kind} of {self.network}"
