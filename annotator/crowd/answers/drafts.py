"""Drafts: what is entered on a HIT page, kept through reloads, crashes and second tabs.

A page says which revision its changes are based on. If another page has saved since, nothing is
overwritten: this page gets the newer draft, merges, and saves again.
"""

from dataclasses import asdict
from typing import Annotated, Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from pydantic import Field

from annotator.crowd.answers.traces import save_beside
from annotator.crowd.answers.validation import (
    MAX_CHARACTERS,
    MAX_REMARK_CHARACTERS,
    MAX_SLOTS,
    AnswerForm,
    GroupNumber,
    PageData,
    SaysName,
    Slot,
    Text,
    ViewName,
)
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen
from annotator.crowd.scheduling.leases import locked
from annotator.models import Assignment, Draft
from annotator.models.rows import only_row


class DraftContent(PageData):
    """What an unfinished answer may say, and the views that were used on the page."""

    concept: Annotated[Text, Field(max_length=MAX_CHARACTERS)]
    group: GroupNumber | None
    second_group: GroupNumber | None = None  # pages older than the question do not send it
    remark: Annotated[Text, Field(max_length=MAX_REMARK_CHARACTERS)] = ""  # nor this
    says: SaysName
    marked: Annotated[list[Slot], Field(max_length=MAX_SLOTS)]
    view: ViewName
    views: list[ViewName]

    def stored(self) -> dict[str, Any]:
        """The JSON that the database keeps: each list sorted, and nothing in it twice."""
        lists = {"marked": sorted(set(self.marked)), "views": sorted(set(self.views))}
        return self.model_dump() | lists


def save(assignment: Assignment, revision: object, data: object, trace: object = None) -> Draft:
    """Save a draft that is based on a revision (0: on none) as the next revision.

    Args:
        trace: the part of the trace that the page sends with it.

    Raises:
        DraftInvalid: the data is not a DraftContent, or the revision no whole number.
        DraftStale: another page has saved since; its draft is kept.
        NotOpen: the assignment was returned or answered.
    """
    content = DraftContent.parse(data, "draft", DraftInvalid).stored()
    if type(revision) is not int:
        raise DraftInvalid(f"A revision is a whole number, got {str(revision)[:40]!r}.")
    with transaction.atomic():
        assignment = locked(assignment)
        if assignment.status not in Assignment.OPEN:
            raise NotOpen(_("You have finished with this one."))
        draft = only_row(Draft.objects.filter(assignment=assignment))
        if revision != (draft.revision if draft else 0):
            raise DraftStale(draft)  # without a draft the page starts again from nothing
        draft = draft or Draft(assignment=assignment)
        draft.revision = revision + 1
        draft.content = content
        draft.saved_at = Now()
        draft.save()
        save_beside(assignment, trace)
    return draft


def keep(assignment: Assignment, form: AnswerForm, view: str) -> Draft:
    """Save a submitted form that was not accepted as the newest draft, whatever the draft was.

    A draft that says the same is left as it is, and so is its revision.

    Args:
        view: the one that was chosen on the page.

    Raises:
        DraftInvalid: the form has something that no draft may say.
        NotOpen: the assignment was returned or answered.
    """
    with transaction.atomic():
        locked(assignment)
        draft = only_row(Draft.objects.filter(assignment=assignment))
        views = draft.content["views"] if draft else []
        data = asdict(form) | {"marked": sorted(form.marked), "view": view, "views": [*views, view]}
        content = DraftContent.parse(data, "draft", DraftInvalid).stored()
        if draft and draft.content == content:
            return draft
        return save(assignment, draft.revision if draft else 0, content)


def form_of(draft: Draft) -> AnswerForm:
    """The answer that a draft would be if it were submitted."""
    content = draft.content
    return AnswerForm(
        concept=content["concept"],
        group=content["group"],
        marked=frozenset(content["marked"]),
        says=content["says"],
        second_group=content.get("second_group"),  # drafts may be older than the question
        remark=content.get("remark", ""),
    )
