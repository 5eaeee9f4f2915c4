"""Units whose answer is known: for training, qualification and control."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from annotator.models.answer import Group
from annotator.models.study import Unit


class KnownAnswer(models.Model):
    """What a careful person says of a unit, as a requester put it down beforehand."""

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="known")
    concepts = models.JSONField(help_text="Every name that counts as right, lower case.")
    group = models.PositiveSmallIntegerField(choices=Group.choices, null=True, blank=True)
    for_training = models.BooleanField(default=False, help_text="Shown with feedback, paid.")
    for_qualification = models.BooleanField(default=False)
    for_control = models.BooleanField(
        default=False, help_text="Mixed unannounced into the queue, early ones first."
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(group__gte=1, group__lte=6),
                name="a_known_group_is_one_of_six",
            ),
        ]


def practice(unit: str = "") -> Q:
    """Units for training or qualification: their answers are paid and enter no result.

    >>> Answer.objects.exclude(practice("assignment__unit__"))

    Args:
        unit: the way to the unit from what is filtered.
    """
    training = Q(**{f"{unit}known__for_training": True})
    return training | Q(**{f"{unit}known__for_qualification": True})
