"""Keeps what is entered on a HIT page, so that no reload, crash or second tab loses any of it.

A page says which revision its changes are based on. If that is not the newest, nothing is
overwritten: the page gets the newer draft, merges, and saves again.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.answers.validation import MAX_CHARACTERS, AnswerForm, Says, storable
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen
from annotator.crowd.scheduling.leases import locked
from annotator.models import Assignment, Draft, Study
from annotator.models.answer import Group

MAX_SLOTS = 1000
FIELDS = {"concept", "group", "second_group", "says", "marked", "view", "views"}


def save(assignment: Assignment, revision: int, said: object) -> Draft:
    """Store a draft that is based on a revision (0: on none) as the next one.

    Raises:
        DraftInvalid: it is not what a HIT page sends.
        DraftStale: another page has saved since; its draft is kept.
        NotOpen: the assignment was given back or answered.
    """
    content = cleaned(said)
    with transaction.atomic():
        if locked(assignment).status not in Assignment.OPEN:
            raise NotOpen(_("You have finished with this one."))
        draft = Draft.objects.filter(assignment=assignment).first()
        if revision != (draft.revision if draft else 0):
            # Without a draft there is nothing newer: the page goes on from nothing.
            raise DraftStale(draft)
        draft = draft or Draft(assignment=assignment)
        draft.revision = revision + 1
        draft.said = content
        draft.saved_at = Now()
        draft.save()
    return draft


def cleaned(said: object) -> dict[str, Any]:
    """A draft as it is stored: what an unfinished answer may say, and nothing else.

    Raises:
        DraftInvalid: it has other fields, or values of other kinds.
    """
    if isinstance(said, Mapping):
        said = {"second_group": None, **said}  # pages older than the question do not send it
    if not isinstance(said, Mapping) or set(said) != FIELDS:
        raise DraftInvalid(f"A draft has the fields {', '.join(sorted(FIELDS))}.")
    rules = {
        "concept": isinstance(said["concept"], str) and len(said["concept"]) <= MAX_CHARACTERS,
        "group": _is_group(said["group"]),
        "second_group": _is_group(said["second_group"]),
        "says": _is_one_of(said["says"], Says.values),
        "marked": _are_slots(said["marked"]),
        "view": _is_one_of(said["view"], Study.View.values),
        "views": isinstance(said["views"], list)
        and all(_is_one_of(view, Study.View.values) for view in said["views"]),
    }
    if wrong := [field for field, is_right in rules.items() if not is_right]:
        raise DraftInvalid(f"A draft's {wrong[0]} cannot be {said[wrong[0]]!r}.")
    sets = {field: sorted(set(said[field])) for field in ("marked", "views")}
    return {**said, **sets, "concept": storable(said["concept"])}


def form_of(draft: Draft) -> AnswerForm:
    """What a draft says, as an answer would."""
    said = draft.said
    marked = frozenset(said["marked"])
    second = said.get("second_group")  # drafts may be older than the question
    return AnswerForm(said["concept"], said["group"], marked, said["says"], second)


def _is_group(value: object) -> bool:
    return value is None or _is_one_of(value, Group.values)


def _is_one_of(value: object, values: list[Any]) -> bool:
    # True is not the number 1 here.
    return type(value) is type(values[0]) and value in values


def _are_slots(marked: object) -> bool:
    if not isinstance(marked, list) or len(marked) > MAX_SLOTS:
        return False
    return all(type(slot) is int and 0 <= slot < MAX_SLOTS for slot in marked)
