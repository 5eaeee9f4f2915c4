"""Who answers, and how they get in."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.study import Study, new_key


class Worker(models.Model):
    """An identity that answers in one study; who stands behind it is not kept."""

    class Kind(models.TextChoices):
        PERSON = "person", "a person"
        SIMULATED = "simulated", "a simulated worker"
        IMPORTED = "imported", "from another campaign's table"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="workers")
    key = models.CharField(max_length=64, default=new_key)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    invitation = models.ForeignKey(
        "Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="workers"
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="worker_keys_differ"),
        ]

    def __str__(self) -> str:
        return self.key


class InvitationQuerySet(models.QuerySet):
    def open(self) -> "InvitationQuerySet":
        """Invitations that still let somebody in, by the database's clock."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now()),
            Q(uses_left__isnull=True) | Q(uses_left__gt=0),
            revoked_at__isnull=True,
        )


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Invitation(models.Model):
    """A link that lets annotators into a study."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    uses_left = models.PositiveIntegerField(null=True, blank=True, help_text="None: no limit.")

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation to {self.study}"
