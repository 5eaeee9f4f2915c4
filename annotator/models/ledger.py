"""The ledger of what a study owes its workers, and the batches in which it is paid."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from annotator.models.hit import Assignment
from annotator.models.people import Worker
from annotator.models.recruitment import MarketLink
from annotator.models.study import Study

CHANGEABLE = {"state", "batch", "batch_id"}  # columns of an entry; a trigger holds it as well


class AppendOnly(ValueError):
    """Something would change or delete an entry of the ledger."""


def _refuse_changes(fields: set[str]) -> None:
    if fixed := sorted(fields - CHANGEABLE):
        raise AppendOnly(
            f"The {fixed[0]} of a ledger entry stays as it is: add a correction instead."
        )


class PayoutBatch(models.Model):
    """Payments that a requester sends together, through one market or by hand."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="payout_batches")
    market = models.CharField(max_length=32, help_text="A market's name; `local`: paid by hand.")
    link = models.ForeignKey(
        MarketLink,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_batches",
        help_text="Whose people are paid; None: by hand, or a batch of an earlier version.",
    )
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(
        max_length=100, blank=True, help_text="The market's number, or a bank's, of the payment."
    )

    def __str__(self) -> str:
        return f"batch {self.pk}"


class LedgerQuerySet(models.QuerySet):
    def update(self, **fields: Any) -> int:
        _refuse_changes(set(fields))
        return super().update(**fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Ledger entries are not deleted: add a correction instead.")


class LedgerEntry(models.Model):
    """An amount that a study owes one worker. Rows are added; afterwards only the state changes.

    What was wrong is set right by a correction, an entry of its own.
    """

    class Kind(models.TextChoices):
        REWARD = "reward", _("an answer")
        PRACTICE = "practice", _("training and qualification")
        PART = "part", _("a set that was begun and not finished")
        DEBRIEFING = "debriefing", _("reading the debriefing")
        TOP_UP = "top-up", _("the difference to the minimum hourly pay")
        BONUS = "bonus", _("a bonus")
        CORRECTION = "correction", _("a correction of another entry")

    class State(models.TextChoices):
        OWED = "owed", _("not paid yet")
        SENT = "sent", _("sent, not confirmed")
        CONFIRMED = "confirmed", _("confirmed by the market")
        FAILED = "failed", _("not delivered; still owed")

    UNPAID = (State.OWED, State.FAILED)

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="ledger")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="ledger")
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cents = models.IntegerField(help_text="Below 0 in corrections alone.")
    key = models.CharField(max_length=120, help_text="Makes it idempotent: one entry a key.")
    words = models.CharField(max_length=500, help_text="What it is for; the worker reads it.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OWED)
    batch = models.ForeignKey(
        PayoutBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    at = models.DateTimeField(db_default=Now())

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="an_amount_is_owed_once"),
            models.CheckConstraint(
                condition=Q(cents__gte=0) | Q(kind="correction"),
                name="only_a_correction_takes_away",
            ),
            models.CheckConstraint(
                condition=Q(state="owed") | Q(batch__isnull=False),
                name="what_was_sent_is_in_a_batch",
            ),
        ]
        indexes = [
            models.Index(fields=["study", "state"], name="what_a_study_owes"),
            models.Index(fields=["worker"], name="what_a_worker_is_owed"),
        ]

    def __str__(self) -> str:
        return self.key

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            columns = {field.name for field in self._meta.concrete_fields}
            _refuse_changes(set(options.get("update_fields") or columns))
        super().save(**options)

    def delete(self, **options: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Ledger entries are not deleted: add a correction instead.")
