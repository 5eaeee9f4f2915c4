"""Claims: how one worker at a time holds a job. The tables are the queue; a broker notifies.

A claim is one UPDATE that raises the claim number, which fences off slow workers: whatever they
write later carries an old number and changes nothing. The number never falls. A dead worker holds
a job for one lease, and the claim after it counts the loss.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.utils.timezone import now

from dissect.format.names import storable

LEASE = timedelta(seconds=settings.RUN_LEASE_SECONDS)  # a worker renews it while it works
# Workers that may be lost with a job in a row: restarts are not told from deaths.
MAX_LOST = 3
# A job whose database or storage is away waits this long, then twice as long each time.
FIRST_PAUSE, MAX_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


def is_due() -> Q:
    """The condition on a model's rows that a claim is due: not put off, or waited long enough."""
    return Q(retry_at=None) | Q(retry_at__lte=Now())


class Pace(NamedTuple):
    """The speed of a stage: images, units or pictures a second, and the seconds left."""

    rate: float
    seconds_left: float


class Claimable(models.Model):
    """A job that one worker holds at a time, by a lease.

    Attributes:
        stepped_at: when this process last got further with it (time.monotonic); not stored.
    """

    stepped_at = 0.0
    claim_number = models.PositiveIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True, blank=True)
    lost_count = models.PositiveIntegerField(
        default=0, help_text="Workers that were lost with it in a row, since it last got further."
    )

    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Until then it waits for a storage that was away."
    )
    retry_count = models.PositiveIntegerField(
        default=0,
        db_default=0,  # so that a web process of an earlier version may add rows
        help_text="How often in a row it was put off, since it last got further.",
    )

    class Meta:
        abstract = True

    def claim(self) -> bool:
        """Take the job for one worker. False if another worker holds it or it is not waiting."""
        rows = type(self).objects.waiting().filter(pk=self.pk, claim_number=self.claim_number)
        counted = self.loss()
        taken = rows.update(
            status="running", renewed_at=Now(), claim_number=F("claim_number") + 1, **counted
        )
        if taken:
            self.refresh_from_db(fields=["claim_number", "retry_count", *counted])
        return taken == 1

    def loss(self) -> dict[str, Any]:
        """The fields that say how often workers were lost, as a claim writes them."""
        lost = When(status="running", then=F("lost_count") + 1)
        return {
            "lost_count": Case(lost, default=F("lost_count"), output_field=models.IntegerField())
        }

    def write(self, **fields: Any) -> bool:
        """Write fields and renew the lease. False if this worker no longer holds it."""
        held = type(self).objects.filter(
            pk=self.pk, claim_number=self.claim_number, status="running"
        )
        return held.update(renewed_at=Now(), **fields) == 1

    def put_back(self, **fields: Any) -> bool:
        """Let it wait for another worker, since this one stops. False if this one lost it."""
        return self.write(status="waiting", **fields)

    def put_off(self, sentence: str) -> bool:
        """Let it wait until what it needs may be back, longer each time in a row.

        Args:
            sentence: what is away, for who looks at the job.
        """
        pause = min(FIRST_PAUSE * 2 ** min(self.retry_count, 16), MAX_PAUSE)
        return self.put_back(
            retry_at=Now() + pause, retry_count=F("retry_count") + 1, **self.wait_for(sentence)
        )

    def wait_for(self, sentence: str) -> dict[str, Any]:
        """The fields that say what it waits for, as `put_off` writes them."""
        return {"error": storable(sentence)}


class Paced(Claimable):
    """A job that tells how far a stage of it is, and since when."""

    stage = models.CharField(max_length=100, blank=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(null=True, blank=True, help_text="When the stage began.")
    began_with = models.PositiveIntegerField(
        default=0, help_text="done_count when the stage began."
    )

    class Meta:
        abstract = True

    @property
    def pace(self) -> "Pace | None":
        """The speed of the stage; None until something was done and a second has passed."""
        done = self.done_count - self.began_with
        seconds = (now() - self.began_at).total_seconds() if self.began_at else 0.0
        if done <= 0 or seconds < 1:
            return None
        rate = done / seconds
        return Pace(rate, (self.total_count - self.done_count) / rate)
