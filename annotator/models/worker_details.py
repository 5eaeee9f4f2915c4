"""What is known of who a worker is: coarse details, kept with consent, and a closing question."""

from bisect import bisect_right

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotator.models.people import Worker
from annotator.models.study import Study
from annotator.tokens.hashing import keyed_name

FIRST_AGES = (18, 25, 35, 45, 55, 65)  # of every band but the first


class Device(models.TextChoices):
    PHONE = "phone", "phone"
    TABLET = "tablet", "tablet"
    DESKTOP = "desktop", "desktop or laptop"


class AgeBand(models.TextChoices):
    UNDER_18 = "under 18", "under 18"
    FROM_18 = "18-24", "18-24"
    FROM_25 = "25-34", "25-34"
    FROM_35 = "35-44", "35-44"
    FROM_45 = "45-54", "45-54"
    FROM_55 = "55-64", "55-64"
    FROM_65 = "65 or older", "65 or older"

    @classmethod
    def of(cls, age: int) -> "AgeBand":
        """The band of an age in years.

        >>> AgeBand.of(24), AgeBand.of(25)
        (AgeBand.FROM_18, AgeBand.FROM_25)
        """
        return list(cls)[bisect_right(FIRST_AGES, age)]


def participant_hash(study: Study, participant: str) -> str:
    """How a row of WorkerDetails names a market's participant: a hash keyed by the study."""
    return keyed_name(study.key, f"participant {participant}")


class WorkerDetails(models.Model):
    """Coarse details of one worker; a detail that is not known is empty.

    They are stored only if the consent text that the worker agreed to says so (Consent.covers_*),
    and shown only as counts of at least five people.
    """

    worker = models.OneToOneField(Worker, on_delete=models.CASCADE, related_name="details")
    participant = models.CharField(
        max_length=16, blank=True, help_text="A keyed hash of the number at the marketplace."
    )
    country = models.CharField(max_length=100, blank=True, help_text="Of residence.")
    language = models.CharField(max_length=100, blank=True)
    age_band = models.CharField(max_length=11, choices=AgeBand.choices, blank=True)
    device = models.CharField(
        max_length=7, choices=Device.choices, blank=True, help_text="At the first answer."
    )

    class Meta:
        verbose_name_plural = "worker details"
        constraints = [
            models.CheckConstraint(
                condition=Q(device__in=["", *Device.values]), name="a_device_is_a_coarse_class"
            ),
            models.CheckConstraint(
                condition=Q(age_band__in=["", *AgeBand.values]), name="of_an_age_only_the_band"
            ),
        ]


class ClosingAnswer(models.Model):
    """A worker's answer to the question after the last set. No decision about workers uses it."""

    worker = models.OneToOneField(Worker, on_delete=models.CASCADE, related_name="closing_answer")
    used_ai = models.BooleanField(null=True, help_text="None: the worker would rather not say.")
    at = models.DateTimeField(db_default=Now())
