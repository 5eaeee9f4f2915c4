"""What stopping pays: a part of the set in hand, and the minute in which the debriefing is read.

The consent text states both amounts, so a change here is a change of every new text.
"""

from math import ceil

from django.utils.translation import gettext as _

from annotator.models import Assignment, Study

PART_SHARE = 0.5  # of the reward of a set that was begun and not finished
PART_SECONDS = 30  # of work on it, from which on the part is owed
DEBRIEFING_MINUTES = 1


def part_cents(assignment: Assignment) -> int:
    """What a set pays that was begun and not finished, rounded up."""
    return ceil(PART_SHARE * assignment.hit.hit_type.reward_cents)


def part_in_words() -> str:
    """The share of a reward that a begun set pays, as the consent text says it."""
    return _("half")


def debriefing_cents(study: Study) -> int:
    """What reading the debriefing pays: a minute at the study's hourly rate, rounded up.

    >>> debriefing_cents(Study(hourly_cents=1200))
    20
    """
    return ceil(study.hourly_cents * DEBRIEFING_MINUTES / 60)
