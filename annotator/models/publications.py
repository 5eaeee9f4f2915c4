"""Publications: requests to publish a study, which a worker process carries out."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from annotator.models.claims import LEASE, Paced, is_due
from annotator.models.study import Study
from dissect.format.names import storable


class PublicationQuerySet(models.QuerySet):
    def waiting(self) -> "PublicationQuerySet":
        """Publications that a worker may take: new ones, and those whose lease has ended."""
        lost = Q(status=Publication.Status.RUNNING, renewed_at__lt=Now() - LEASE)
        return self.filter(is_due(), Q(status=Publication.Status.WAITING) | lost)

    def unfinished(self) -> "PublicationQuerySet":
        return self.filter(status__in=(Publication.Status.WAITING, Publication.Status.RUNNING))


class Publication(Paced):
    """One request to publish: units and terms, who asked, and how far it is."""

    class Status(models.TextChoices):
        DONE = "done", _("finished")
        FAILED = "failed", _("failed")
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("being worked on")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    actor_name = models.CharField(max_length=150, help_text="As the audit trail has it.")
    error = models.TextField(blank=True)
    cents = models.PositiveBigIntegerField(help_text="What was agreed to: the most it costs.")
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="publications")
    request = models.JSONField(help_text="A PublishRequest: units, answers, pay, pictures.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(status__in=["waiting", "running"]),
                name="one_publication_of_a_study_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"publication {self.pk} of {self.study}"

    def finish(self, **fields: Any) -> None:
        """End it, whoever holds it."""
        unfinished = Publication.objects.unfinished().filter(pk=self.pk)
        unfinished.update(status=Publication.Status.DONE, error="", finished_at=Now(), **fields)

    def fail(self, error: str) -> None:
        """End it with an error, whoever holds it. What is published stays."""
        unfinished = Publication.objects.unfinished().filter(pk=self.pk)
        unfinished.update(
            status=Publication.Status.FAILED, error=storable(error), finished_at=Now()
        )
