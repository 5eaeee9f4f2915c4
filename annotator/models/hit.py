"""HIT types, HITs, their places, and the assignments that take them."""

from datetime import timedelta

from django.db import models
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.models.network import Exemplar, Unit
from annotator.models.people import Worker
from annotator.models.study import Study, new_key


class HitType(models.Model):
    """The common terms of a study's HITs: title, reward and lease."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="hit_types")
    title = models.CharField(max_length=128)
    description = models.TextField(max_length=2000)
    keywords = models.CharField(max_length=1000, blank=True)
    reward_cents = models.PositiveIntegerField()
    lease_seconds = models.PositiveIntegerField(default=3600)
    publisher = models.CharField(max_length=32, default="local")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lease_seconds__gte=60), name="a_lease_lasts_at_least_a_minute"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)


class Hit(models.Model):
    """A task: name one unit, or verify a concept of one."""

    class Kind(models.TextChoices):
        NAMING = "naming", "say what its top images share"
        VERIFICATION = "verification", "mark which of other images show the given concept"

    class Status(models.TextChoices):
        ASSIGNABLE = "assignable", "has or may get free places"
        UNASSIGNABLE = "unassignable", "every place is taken"
        REVIEWABLE = "reviewable", "every place is answered"
        REVIEWING = "reviewing", "somebody is reviewing it"
        DISPOSED = "disposed", "withdrawn for good"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="hits")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.NAMING)
    concept = models.CharField(max_length=100, blank=True, help_text="The concept to verify.")
    concept_by = models.CharField(
        max_length=100, blank=True, help_text="`consensus`, or the method that named the unit."
    )
    hit_type = models.ForeignKey(HitType, on_delete=models.PROTECT, related_name="hits")
    key = models.CharField(max_length=32, unique=True, default=new_key)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ASSIGNABLE)
    masks = models.CharField(
        max_length=80, help_text="File of the sheet of masks, one mask a slot."
    )
    mask_columns = models.PositiveSmallIntegerField(default=8)
    tile_view = models.CharField(
        max_length=4,
        choices=Study.TileView.choices,
        default=Study.TileView.FULL,
        help_text="What its tiles show of a picture.",
    )
    full_masks = models.CharField(
        max_length=80,
        blank=True,
        help_text="File of the sheet of masks of whole pictures, if its tiles are cut.",
    )
    insets = models.CharField(
        max_length=80, blank=True, help_text="File of the sheet of insets, if its tiles are cut."
    )
    style = models.CharField(
        max_length=80, blank=True, help_text="File of the style sheet with its sheets and crops."
    )
    published_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(kind="naming"), name="one_naming_hit_a_unit"
            ),
            models.UniqueConstraint(
                fields=["unit", "concept", "concept_by"],
                condition=Q(kind="verification"),
                name="one_verification_hit_a_concept_of_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(kind="naming", concept="") | Q(Q(kind="verification"), ~Q(concept="")),
                name="what_is_verified_is_a_concept",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def style_name(self) -> str:
        """What its style sheet is served as, without .css."""
        return self.style.removesuffix(".css") or self.masks

    @property
    def shown(self) -> "models.QuerySet[Exemplar]":
        """The exemplars that it shows: those of its unit with a slot and a role of its kind."""
        return shown_by(self.Kind(self.kind), self.unit_id)


SHOWN = {
    Hit.Kind.NAMING: (Exemplar.Role.TOP, Exemplar.Role.CATCH, Exemplar.Role.REPEAT),
    Hit.Kind.VERIFICATION: (Exemplar.Role.HELD_OUT, Exemplar.Role.RANDOM),
}


def shown_by(kind: Hit.Kind, unit: object) -> "models.QuerySet[Exemplar]":
    """The exemplars that HITs of a kind show of a unit, by its pk or a query's parameter."""
    return Exemplar.objects.filter(unit=unit, slot__isnull=False, role__in=SHOWN[kind])


NOT_LEASED = Q(leased_until__isnull=True) | Q(leased_until__lt=Now())  # of a place


class PlaceQuerySet(models.QuerySet):
    def free(self) -> "PlaceQuerySet":
        """Places that are neither leased nor filled, by the database's clock."""
        return self.filter(NOT_LEASED, is_filled=False)


class Place(models.Model):
    """Room for one answer to a HIT. Every claim raises its claim number."""

    hit = models.ForeignKey(Hit, on_delete=models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()
    claim_number = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    is_filled = models.BooleanField(default=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hit", "number"], name="place_numbers_differ"),
        ]
        indexes = [
            models.Index(
                fields=["hit"], condition=Q(is_filled=False), name="places_that_are_not_filled"
            ),
        ]


class Assignment(models.Model):
    """One worker's attempt at a HIT.

    It holds its place as long as the place carries its claim number. Writes with an old claim
    number change nothing.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "being worked on"
        SUBMITTED = "submitted", "answered"
        APPROVED = "approved", "paid"
        REJECTED = "rejected", "not paid"
        SOFT_REJECTED = "soft-rejected", "paid, excluded from results"
        RETURNED = "returned", "given back by the worker"
        EXPIRED = "expired", "its lease ended"
        WITHDRAWN = "withdrawn", "paid; its worker took the answer back"

    OPEN = (Status.ACCEPTED, Status.EXPIRED)  # an expired one may still be submitted
    GIVEN_UP = (Status.RETURNED, Status.EXPIRED)
    ANSWERED = (Status.SUBMITTED, Status.APPROVED, Status.REJECTED, Status.SOFT_REJECTED)
    DONE = (*ANSWERED, Status.WITHDRAWN)  # submitted, and taken back or not
    PAID = (Status.SUBMITTED, Status.APPROVED, Status.SOFT_REJECTED)  # or will be
    COUNTED = (Status.SUBMITTED, Status.APPROVED)  # what Answer.objects.counted() asks besides

    key = models.CharField(max_length=32, unique=True, default=new_key)
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="assignments")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="assignments")
    claim_number = models.PositiveIntegerField()
    status = models.CharField(max_length=13, choices=Status.choices, default=Status.ACCEPTED)
    accepted_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(
        max_length=200, blank=True, help_text="The worker's reason for returning it."
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was approved or rejected."
    )
    feedback = models.CharField(
        max_length=500, blank=True, help_text="The reviewer's message to the worker."
    )
    decided_opened = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whoever decided about it had opened the words of its unit: not blind.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "unit"], name="a_worker_labels_a_unit_once"),
            models.UniqueConstraint(
                fields=["place", "claim_number"], name="one_assignment_per_claim"
            ),
        ]
        indexes = [
            # What reviewers' pages count is read from it alone.
            models.Index(
                fields=["worker", "status", "submitted_at"], name="what_became_of_hits_of_workers"
            ),
        ]

    def __str__(self) -> str:
        return self.key


def hits_of(study: Study | OuterRef) -> QuerySet[Hit]:
    """The HITs of a study, by its few HIT types instead of its many units."""
    return Hit.objects.filter(hit_type__study=study)
