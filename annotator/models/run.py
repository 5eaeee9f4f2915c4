"""Runs: dissections asked for. The table is the queue; a broker only rings the bell."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.study import Network, Study


class RunQuerySet(models.QuerySet):
    def waiting(self, lease: timedelta) -> "RunQuerySet":
        """Runs that a worker may take: new ones, and those whose worker's lease has ended."""
        lost = Q(status=Run.Status.RUNNING, renewed_at__lt=Now() - lease)
        return self.filter(Q(status=Run.Status.WAITING) | lost)


class Run(models.Model):
    """One network to dissect for a study."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        RUNNING = "running", "being worked on"
        DONE = "done", "finished"
        FAILED = "failed", "failed"

    LEASE = timedelta(minutes=5)

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="runs")
    network = models.ForeignKey(
        Network, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    asked = models.JSONField(help_text="network, weights, layers, images, top, segment, device.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    claim_number = models.PositiveIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=100, blank=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"run {self.pk} of {self.study}: {self.asked.get('network')}"

    def claim(self) -> bool:
        """Take this run for one worker. False if another worker holds it.

        A worker that died holds a run no longer than its lease. The claim number fences off a
        slow worker: whatever it writes later carries an old number.
        """
        runs = Run.objects.waiting(self.LEASE).filter(pk=self.pk, claim_number=self.claim_number)
        taken = runs.update(
            status=Run.Status.RUNNING, renewed_at=Now(), claim_number=F("claim_number") + 1
        )
        self.claim_number += taken
        return taken == 1

    def write(self, **fields: Any) -> bool:
        """Write fields and renew the lease. False if the run is no longer this worker's."""
        held = Run.objects.filter(
            pk=self.pk, claim_number=self.claim_number, status=Run.Status.RUNNING
        )
        return held.update(renewed_at=Now(), **fields) == 1
