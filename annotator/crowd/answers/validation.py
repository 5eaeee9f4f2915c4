"""What a worker may say about a unit, checked and tidied."""

import unicodedata
from collections.abc import Container
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from annotator.crowd.errors import AnswerInvalid
from annotator.models import Answer
from annotator.models.answer import Group

MAX_WORDS = 5
MAX_CHARACTERS = 100

Says = Answer.Says
NAMING = (Says.CONCEPT, Says.TWO_THINGS, Says.NOTHING)  # what may be said of a unit to name


@dataclass(frozen=True)
class AnswerForm:
    """What a worker says about a unit: the concept, its group, and the slots that do not fit."""

    concept: str
    group: int | None
    marked: frozenset[int]
    says: str = Says.CONCEPT
    second_group: int | None = None


def validated(said: AnswerForm, exemplars: Container[int], given: str = "") -> AnswerForm:
    """The answer with its words tidied; "nothing in common" has neither concept nor group.

    A second group that is the first again is none.

    Args:
        exemplars: the slots that may be marked.
        given: the concept, where it is not asked for: then only marks are an answer.

    Raises:
        AnswerInvalid: with one sentence for each field that is missing or wrong.
    """
    if given:
        said, errors = AnswerForm(given, None, said.marked, Says.GIVEN), {}
    else:
        said = _tidied(said)
        errors = _errors(said)
    if unknown := sorted(slot for slot in said.marked if slot not in exemplars):
        errors["marked"] = _("This HIT shows no picture in slot %(slot)s; please reload it.") % {
            "slot": unknown[0]
        }
    if errors:
        raise AnswerInvalid(errors)
    return said


def _tidied(said: AnswerForm) -> AnswerForm:
    if said.says == Says.NOTHING:
        return replace(said, concept="", group=None, second_group=None)
    second = None if said.second_group == said.group else said.second_group
    return replace(said, concept=tidy(said.concept), second_group=second)


def _errors(said: AnswerForm) -> dict[str, str]:
    if said.says not in NAMING:
        known = ", ".join(NAMING)
        sentence = _("An answer says one of %(known)s; got %(says)s.")
        return {"says": sentence % {"known": known, "says": repr(said.says)}}
    if said.says == Says.NOTHING:
        return {}
    wrong = {"concept": _wrong_with(said.concept), "group": _wrong_with_groups(said)}
    return {field: sentence for field, sentence in wrong.items() if sentence}


def _wrong_with(concept: str) -> str:
    if not any(character.isalnum() for character in concept):
        return _("Please name in a few words what the pictures share.")
    if (words := len(concept.split())) > MAX_WORDS:
        return _("Please name it in at most %(most)s words; these are %(words)s.") % {
            "most": MAX_WORDS,
            "words": words,
        }
    if len(concept) > MAX_CHARACTERS:
        return _("Please use at most %(most)s characters; these are %(count)s.") % {
            "most": MAX_CHARACTERS,
            "count": len(concept),
        }
    return ""


def _wrong_with_groups(said: AnswerForm) -> str:
    if said.group is None:
        return _("Please choose the group that the concept belongs to.")
    for group in (said.group, said.second_group):
        if group is not None and group not in Group.values:
            return _("There are six groups, 1 to 6; got %(group)s.") % {"group": repr(group)}
    return ""


def tidy(concept: str) -> str:
    """One space between words, and none of the characters that a database cannot store."""
    return " ".join(storable(concept).split())


def storable(concept: str) -> str:
    """Without the characters that a database cannot store."""
    kept = (c for c in concept if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)
