"""Gold units: units with a known answer, for training, qualification and control."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from annotator.concept_words import word_forms
from annotator.models.answer import Group
from annotator.models.network import Unit

USES = ("training", "qualification", "control")


class KnownAnswer(models.Model):
    """The right answer to a gold unit, which a requester entered beforehand.

    One rule judges training, qualification and control units: an answer is right if it names the
    unit and chooses its group. A part that is left empty here is not asked.
    """

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="known")
    concepts = models.JSONField(help_text="Every right name, in lower case.")
    group = models.PositiveSmallIntegerField(choices=Group.choices, null=True, blank=True)
    for_training = models.BooleanField(default=False, help_text="Shown with feedback; paid.")
    for_qualification = models.BooleanField(default=False)
    for_control = models.BooleanField(
        default=False, help_text="Mixed into the queue unannounced, more often early on."
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(group__gte=1, group__lte=6),
                name="a_known_group_is_one_of_six",
            ),
        ]

    @property
    def use(self) -> str:
        """What the gold unit is used for, one of USES."""
        return next(use for use in USES if getattr(self, f"for_{use}"))

    def is_right(self, concept: str, group: int | None, second_group: int | None = None) -> bool:
        """Whether an answer is right: it is named right and has the right group."""
        return self.is_named_by(concept) and self.has_group(group, second_group)

    def is_named_by(self, concept: str) -> bool:
        """Whether all words of one of the right names are in a concept, in any grammatical form.

        >>> KnownAnswer(concepts=["dog"]).is_named_by("two brown Dogs")
        True
        """
        if not self.concepts:
            return True
        words = word_forms(concept)
        names = [word_forms(name) for name in self.concepts]
        return any(name and name <= words for name in names)

    def has_group(self, group: int | None, second_group: int | None = None) -> bool:
        """Whether the right group is an answer's first or second choice."""
        return self.group is None or self.group in (group, second_group)


FOR_PRACTICE = Q(for_training=True) | Q(for_qualification=True)  # of known answers; see `practice`


def practice(unit: str = "") -> Q:
    """A model query's condition for gold units of training or qualification, left out of results.

    For example, `Answer.objects.exclude(practice("assignment__unit__"))`.

    Args:
        unit: the lookup prefix that leads from the filtered model to the unit.
    """
    training = Q(**{f"{unit}known__for_training": True})
    return training | Q(**{f"{unit}known__for_qualification": True})
