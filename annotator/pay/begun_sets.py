"""Begun sets: what a set pays that was begun and not finished, and when.

The consent text states the amount, so a change here is a change of every new text.
"""

from math import ceil

from django.utils.translation import gettext as _

from annotator.models import Assignment

PART_SHARE = 0.5  # of the reward of a set that was begun and not finished
PART_SECONDS = 30  # of work on it, from which on the part is owed


def part_cents(assignment: Assignment) -> int:
    """What a begun set pays that was not finished, rounded up."""
    return ceil(PART_SHARE * assignment.hit.hit_type.reward_cents)


def part_in_words() -> str:
    """The share of its reward that a begun set pays, as the consent text says it."""
    return _("half")


def part_rule() -> str:
    """When a begun set pays a part, in a sentence for the page that has the button to stop."""
    sentence = _(
        "Of the open set you get %(part)s of the pay, once, if you have worked on it for at least "
        "%(seconds)s seconds and entered something."
    )
    return sentence % {"part": part_in_words(), "seconds": PART_SECONDS}
