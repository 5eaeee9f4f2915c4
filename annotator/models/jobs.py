"""Jobs: dissections cut into shards, and analyses. Workers claim them from these tables."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Sum, Value, When
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from annotator.models.claims import LEASE, Claimable, Paced, is_due
from annotator.models.display_names import network_display_name
from annotator.models.network import Network
from annotator.models.study import Study
from dissect.format.names import storable

QUEUE, GPU_QUEUE = "dissect", "dissect-gpu"
MAX_WAIT = timedelta(minutes=10)  # of an analysis, while shorter ones pass it


class RunQuerySet(models.QuerySet):
    def waiting(self) -> "RunQuerySet":
        """Runs that a worker may take: new, lease ended, or every shard collected."""
        lost = Q(status=Run.Status.RUNNING, renewed_at__lt=Now() - LEASE)
        collected = Q(status=Run.Status.COLLECTING) & ~Q(
            pk__in=Shard.objects.exclude(status=Shard.Status.DONE).values("run")
        )
        return self.filter(Q(status=Run.Status.WAITING) | lost | collected).filter(is_due())


class Run(Paced):
    """One network to dissect for a study.

    A run is claimed twice: first to cut the request into shards, and, when all of them are
    collected, to merge, segment, draw and store.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("being worked on")
        COLLECTING = "collecting", _("its shards are being worked on")
        DONE = "done", _("finished")
        FAILED = "failed", _("failed")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="runs")
    network = models.ForeignKey(
        Network, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    request = models.JSONField(help_text="A RunRequest: network, weights, layers, images, ...")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"run {self.pk} of {self.study}: {self.request.get('network')}"

    @property
    def network_name(self) -> str:
        """What people call its network, which may not be dissected yet."""
        if self.network is not None:
            return self.network.display_name
        spec, condition = self.request.get("network", ""), self.request.get("condition", "trained")
        return self.request.get("display_name") or network_display_name(spec, spec, condition)

    @property
    def queue(self) -> str:
        """The Celery queue of its work. Only a run that names a GPU waits for one."""
        wants_gpu = str(self.request.get("device", "")).startswith("cuda")
        return GPU_QUEUE if wants_gpu else QUEUE

    def put_back(self, **fields: Any) -> bool:
        status = self.Status.COLLECTING if self.shards.exists() else self.Status.WAITING
        return self.write(status=status, **fields)

    def fail(self, error: str) -> None:
        """End this run with an error, whoever holds it. Collected shards stay."""
        unfinished = Run.objects.filter(pk=self.pk).exclude(status=Run.Status.DONE)
        unfinished.update(status=Run.Status.FAILED, error=storable(error), finished_at=Now())

    def count_collected(self) -> None:
        """Set the run's progress to the sum of its shards'."""
        done = self.shards.aggregate(done=Sum("done_count"))["done"] or 0
        collecting = Run.objects.filter(pk=self.pk, status=Run.Status.COLLECTING)
        collecting.filter(began_at=None).update(began_at=Now(), began_with=done)
        collecting.update(done_count=done, error="")


class ShardQuerySet(models.QuerySet):
    def waiting(self) -> "ShardQuerySet":
        """Shards that a worker may take: of a run being collected, new or lease ended."""
        lost = Q(status=Shard.Status.RUNNING, renewed_at__lt=Now() - LEASE)
        rows = self.filter(is_due(), run__status=Run.Status.COLLECTING)
        return rows.filter(Q(status=Shard.Status.WAITING) | lost)


class Shard(Claimable):
    """A range of whole blocks of a run's images, collected by one worker."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("being worked on")
        DONE = "done", _("collected")

    MAX_LOST_AT_AN_IMAGE = 2  # workers that die while they read the same image

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    first = models.PositiveIntegerField(help_text="Place of its first image.")
    stop = models.PositiveIntegerField(help_text="One past the place of its last image.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    done_count = models.PositiveIntegerField(default=0)
    stored_count = models.PositiveIntegerField(
        default=0, help_text="How many of its images a stored checkpoint has: the next worker goes "
        "on after them.",
    )  # fmt: skip
    reading = models.PositiveIntegerField(
        null=True, blank=True, help_text="Place of the image that its worker reads alone, because "
        "the worker before was lost.",
    )  # fmt: skip
    suspect = models.PositiveIntegerField(
        null=True, blank=True, help_text="Place of the image that the last lost worker was reading."
    )
    suspect_count = models.PositiveIntegerField(
        default=0, help_text="Workers that were lost in a row while they read that image."
    )

    objects = ShardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="shard_numbers_differ"),
            models.CheckConstraint(
                condition=Q(stop__gt=F("first")), name="a_shard_has_at_least_one_image"
            ),
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of {self.run}"

    def wait_for(self, sentence: str) -> dict[str, Any]:
        collecting = Run.objects.filter(pk=self.run_id, status=Run.Status.COLLECTING)
        collecting.update(error=storable(sentence))
        return {}

    def loss(self) -> dict[str, Any]:
        was_reading = Q(status="running", reading__isnull=False)
        again = When(was_reading & Q(reading=F("suspect")), then=F("suspect_count") + 1)
        first = When(was_reading, then=Value(1))
        count = Case(again, first, default=F("suspect_count"), output_field=models.IntegerField())
        suspect = Case(When(was_reading, then=F("reading")), default=F("suspect"))
        lost = super().loss()
        return {**lost, "suspect_count": count, "suspect": suspect, "reading": None}


class AnalysisQuerySet(models.QuerySet):
    def waiting(self) -> "AnalysisQuerySet":
        """Analyses that a worker may take: new ones, and those whose lease has ended."""
        lost = Q(status=Analysis.Status.RUNNING, renewed_at__lt=Now() - LEASE)
        return self.filter(is_due(), Q(status=Analysis.Status.WAITING) | lost)

    def in_queue_order(self) -> "AnalysisQuerySet":
        """Order analyses as workers take them: short ones pass long ones.

        But one that has waited for MAX_WAIT goes before all that came later.
        """
        overdue = Case(
            When(created_at__lt=Now() - MAX_WAIT, then=F("created_at")),
            output_field=models.DateTimeField(),
        )
        return self.order_by(overdue.asc(nulls_last=True), "forwards", "pk")


class Analysis(Paced):
    """One question to one network, such as an occlusion map. The answer is numbers and pictures."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("being worked on")
        DONE = "done", _("finished")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("canceled")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="analyses")
    kind = models.CharField(max_length=20, help_text="The command of `python -m dissect`.")
    request = models.JSONField(help_text="The options of the command.")
    forwards = models.PositiveBigIntegerField(
        default=0, help_text="About how many images it forwards: short analyses go first."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    result = models.JSONField(
        null=True, blank=True, help_text="What the command prints with `--format json`."
    )
    pictures = models.JSONField(
        default=dict, help_text="Name of a picture to its file in the storage."
    )
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When a worker took it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"

    def __str__(self) -> str:
        return f"{self.kind} of {self.network}"

    @property
    def is_over(self) -> bool:
        """Whether no worker will do anything for it any more."""
        return self.status not in (self.Status.WAITING, self.Status.RUNNING)

    def claim(self) -> bool:
        return super().claim() and self.write(started_at=Now(), error="")

    def cancel(self) -> bool:
        """End it; a worker that does it stops at its next step. False if it is over already."""
        unfinished = Analysis.objects.filter(
            pk=self.pk, status__in=[self.Status.WAITING, self.Status.RUNNING]
        )
        return unfinished.update(status=self.Status.CANCELED, finished_at=Now()) == 1
