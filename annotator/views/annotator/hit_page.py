"""The HIT page: 63 pictures, what is said about them, and what was wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from annotator.crowd.answers.drafts import form_of
from annotator.crowd.answers.pictures import hidden_slots, order_key
from annotator.crowd.answers.validation import MAX_CHARACTERS, AnswerForm
from annotator.crowd.scheduling.progress import progress
from annotator.keyed_random import keyed_order
from annotator.models import Answer, Assignment, Attempt, Hit, KnownAnswer, Study
from annotator.models.answer import GROUP_EXAMPLES

NOTHING_YET = AnswerForm(concept="", group=None, marked=frozenset())


@dataclass(frozen=True)
class Picture:
    """One picture of the grid. It knows its slot; what it is for the unit stays on the server."""

    number: int  # its place on the page, from 1
    slot: int
    column: int  # where its mask is on the sheet
    row: int
    tile: str
    zoom: str
    is_marked: bool
    is_hidden: bool


def assignments() -> QuerySet[Assignment]:
    """Assignments with all that their pages need of them, in one query."""
    refusals = Attempt.objects.filter(assignment=OuterRef("pk"), was_refused=True)
    rows = Assignment.objects.select_related("hit__hit_type", "draft")
    known = KnownAnswer.objects.filter(unit=OuterRef("unit"))
    return rows.annotate(
        was_refused=Exists(refusals),
        is_training=Exists(known.filter(for_training=True)),
        is_qualification=Exists(known.filter(for_qualification=True)),
    )


def hit_page(
    request: HttpRequest,
    assignment: Assignment,
    said: AnswerForm | None = None,
    errors: Mapping[str, str] | None = None,
    refusal: str = "",
) -> HttpResponse:
    """Render the page of an assignment, with all that was said on it so far.

    Args:
        assignment: one of `assignments`.
        said: what was just sent; without it, the draft.
        errors: one sentence for each field that is missing or wrong.
        refusal: why a complete answer was not taken.
    """
    worker, draft = assignment.worker, getattr(assignment, "draft", None)
    if said is None:
        said = form_of(draft) if draft else NOTHING_YET
    hidden = hidden_slots(assignment)
    context = hit_context(assignment.hit, worker.study, order_key(assignment), said, hidden)
    context["view"] = (draft and draft.said["view"]) or context["view"]
    context |= {
        "assignment": assignment,
        "draft": json.dumps({"revision": draft.revision, "said": draft.said} if draft else None),
        "errors": dict(errors or {}),
        "refusal": refusal,
        "was_refused": assignment.was_refused or bool(refusal),
        "progress": progress(worker),
    }
    return render(request, "annotator/hit.html", context)


def hit_context(
    hit: Hit,
    study: Study,
    order: str,
    said: AnswerForm = NOTHING_YET,
    hidden: frozenset[int] = frozenset(),
) -> dict[str, Any]:
    """What the page shows of a HIT, whoever looks at it.

    Args:
        order: a secret key that decides the order of the pictures.
        hidden: slots of pictures that its worker reported.
    """
    pictures = _pictures(hit, order, said.marked - hidden, hidden)
    first_view = study.first_view if hit.masks else Study.View.WHOLE
    return {
        "hit": hit,
        "given": hit.concept,
        "said": said,
        "pictures": pictures,
        "sheet_rows": max((picture.row for picture in pictures), default=0) + 1,
        "marked_count": sum(picture.is_marked for picture in pictures),
        "judged_count": sum(not picture.is_hidden for picture in pictures),
        "groups": [(int(group), group.label, example) for group, example in GROUP_EXAMPLES.items()],
        "first_view": first_view,
        "view": first_view,
        "most_characters": MAX_CHARACTERS,
    }


def _pictures(
    hit: Hit, order: str, marked: frozenset[int], hidden: frozenset[int]
) -> list[Picture]:
    rows = hit.shown.values_list("slot", "image__tile", "image__zoom")
    names = {slot: (tile, zoom) for slot, tile, zoom in rows}
    columns, first = hit.mask_columns, min(names, default=0)  # the sheet begins at its first slot
    return [
        Picture(
            number=number,
            slot=slot,
            column=(slot - first) % columns,
            row=(slot - first) // columns,
            tile=names[slot][0],
            zoom=names[slot][1],
            is_marked=slot in marked,
            is_hidden=slot in hidden,
        )
        for number, slot in enumerate(keyed_order(names, order), start=1)
    ]


def said_in(form: QueryDict) -> AnswerForm:
    """What a submitted form says. What is not a number becomes one that no slot or group has."""
    group, second = form.get("group", ""), form.get("second_group", "")
    return AnswerForm(
        concept=form.get("concept", ""),
        group=number_in(group) if group else None,
        second_group=number_in(second) if second else None,
        marked=frozenset(number_in(slot) for slot in form.getlist("marked")),
        says=form.get("says", Answer.Says.CONCEPT),
    )


def number_in(text: str) -> int:
    """A slot or group as a form sends it; -1, which none is, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
