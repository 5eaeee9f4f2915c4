"""The HIT page: its pictures, the form with what was entered, and what keeps it from acceptance."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.crowd.access.sessions import current_session, sets_done
from annotator.crowd.answers.drafts import form_of
from annotator.crowd.answers.pictures import hidden_slots, least_judged, order_key
from annotator.crowd.answers.submission import _look_again
from annotator.crowd.answers.validation import (
    MAX_CHARACTERS,
    MAX_WORDS,
    SENTENCES,
    AnswerForm,
    validated,
)
from annotator.crowd.errors import AnswerInvalid
from annotator.crowd.scheduling.leases import LEASE_LEFT
from annotator.crowd.scheduling.progress import progress
from annotator.database.prepared_queries import Parameter, PreparedQuery
from annotator.free_text import parse_number
from annotator.keyed_random import keyed_order
from annotator.models import Answer, Assignment, Attempt, Hit, KnownAnswer, Study, Worker
from annotator.models.answer import GROUP_EXAMPLES, Group
from annotator.models.hit import shown_by

GROUPS = tuple((int(group), group.label, example) for group, example in GROUP_EXAMPLES.items())
EMPTY_FORM = AnswerForm(concept="", group=None, marked=frozenset())


@dataclass(frozen=True)
class Picture:
    """One picture of the grid, identified by its slot alone: its role stays on the server."""

    number: int  # position on the page, from 1
    slot: int
    column: int  # of its mask on the sheet of masks
    row: int
    tile: str
    zoom: str
    is_marked: bool
    is_hidden: bool


_KNOWN = KnownAnswer.objects.filter(unit=OuterRef("unit"))
_ONE = Assignment.objects.filter(key=Parameter("key"), worker=Parameter("worker"))
_WITH_TERMS = _ONE.select_related("hit__hit_type").annotate(lease_left=LEASE_LEFT)
# Assignments with everything that the HIT page needs of them, in one query.
ASSIGNMENTS = PreparedQuery(
    _WITH_TERMS.select_related("draft").annotate(
        was_refused=Exists(Attempt.objects.filter(assignment=OuterRef("pk"), was_refused=True)),
        is_training=Exists(_KNOWN.filter(for_training=True)),
        is_qualification=Exists(_KNOWN.filter(for_qualification=True)),
    )
)
OWN = PreparedQuery(_WITH_TERMS)
_SHOWN = {
    kind: PreparedQuery(
        shown_by(kind, Parameter("unit"))
        .order_by()
        .values_list("slot", "tile", "image__tile", "image__zoom")
    )
    for kind in Hit.Kind
}


def assignment_of(worker: Worker, key: str) -> Assignment:
    """Load the assignment of a HIT page by its key; 404 if it is not this worker's own."""
    return _of_worker(ASSIGNMENTS, worker, key)


def own_assignment(worker: Worker, key: str) -> Assignment:
    """Load a HIT page's assignment with its HIT's terms; 404 if it is not this worker's own."""
    return _of_worker(OWN, worker, key)


def _of_worker(assignments: PreparedQuery, worker: Worker, key: str) -> Assignment:
    for assignment in assignments(key=key, worker=worker.pk):
        assignment.worker = worker  # its study is loaded already
        return assignment
    raise Http404


def hit_page(
    request: HttpRequest,
    assignment: Assignment,
    form: AnswerForm | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Render the HIT page of an assignment with what was entered so far.

    Args:
        assignment: as `assignment_of` loads it.
        form: what was just submitted, if no draft can hold it, or an answer to be changed; None
            for the saved draft. The URL asks with `?check` what keeps a draft from acceptance.
        errors: of a submitted form, by field, one sentence on what is missing or wrong.
    """
    worker, draft = assignment.worker, getattr(assignment, "draft", None)
    is_kept = form is None
    if form is None:
        form = form_of(draft) if draft else EMPTY_FORM
    hidden = hidden_slots(assignment)
    context = hit_context(assignment.hit, worker.study, order_key(assignment), form, hidden)
    refusal = ""
    if is_kept and "check" in request.GET:
        errors, refusal = _what_to_check(assignment, form, context["pictures"])
    context["view"] = (draft and draft.content["view"]) or context["view"]
    context |= {
        "assignment": assignment,
        "draft": json.dumps(
            {"revision": draft.revision, "content": draft.content} if draft else None
        ),
        "errors": dict(errors or {}),
        "refusal": refusal,
        "was_refused": assignment.was_refused,
        "is_kept": is_kept,
        "is_change": assignment.status not in Assignment.OPEN,
        **_progress_of(worker),
    }
    return render(request, "annotator/hit.html", context)


def _progress_of(worker: Worker) -> dict[str, Any]:
    """How far a worker is: in the market's session, or else in the study."""
    if session := current_session(worker):
        return {"session": session, "session_done": sets_done(session)}
    return {"progress": progress(worker)}


def _what_to_check(
    assignment: Assignment, form: AnswerForm, pictures: Iterable[Picture]
) -> tuple[Mapping[str, str], str]:
    """What keeps a form from being accepted: errors by field, or why it was refused before."""
    slots = {picture.slot for picture in pictures}
    try:
        validated(form, slots, verifies=assignment.hit.concept)
    except AnswerInvalid as error:
        return error.errors, ""
    return {}, _look_again() if assignment.was_refused else ""


def hit_context(
    hit: Hit,
    study: Study,
    order: str,
    form: AnswerForm = EMPTY_FORM,
    hidden: frozenset[int] = frozenset(),
) -> dict[str, Any]:
    """The template context of a HIT page, for its worker and for a preview alike.

    Args:
        order: a secret key that determines the order of the pictures.
        hidden: slots of the pictures that the worker hid and reported.
    """
    pictures = _pictures(hit, order, form.marked - hidden, hidden)
    first_view = study.first_view if hit.masks else Study.View.WHOLE
    return {
        "hit": hit,
        "concept_to_verify": hit.concept,
        "has_masks": bool(hit.masks),
        "has_crops": bool(hit.style),
        "form": form,
        "pictures": pictures,
        "sheet_rows": max((picture.row for picture in pictures), default=0) + 1,
        "marked_count": sum(picture.is_marked for picture in pictures),
        "judged_count": sum(not picture.is_hidden for picture in pictures),
        "least_judged": least_judged(study, len(pictures)),
        "groups": GROUPS,
        "first_view": first_view,
        "view": first_view,
        "max_characters": MAX_CHARACTERS,
        "max_words": MAX_WORDS,
        "sentences": json.dumps({key: str(sentence) for key, sentence in SENTENCES.items()}),
    }


def _pictures(
    hit: Hit, order: str, marked: frozenset[int], hidden: frozenset[int]
) -> list[Picture]:
    shown = _SHOWN[Hit.Kind(hit.kind)](unit=hit.unit_id)
    names = {slot: (tile or whole, zoom) for slot, tile, whole, zoom in shown}
    columns, first = hit.mask_columns, min(names, default=0)  # the sheet starts at the first slot
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


def submitted_form(data: QueryDict, hit: Hit) -> AnswerForm:
    """The submitted form of a HIT page. A slot or group that is no number becomes -1, invalid."""
    group, second = data.get("group", ""), data.get("second_group", "")
    return AnswerForm(
        concept=data.get("concept", ""),
        group=parse_number(group) if group else None,
        second_group=parse_number(second) if second else None,
        marked=frozenset(parse_number(slot) for slot in data.getlist("marked")),
        says=Answer.Says.GIVEN if hit.concept else data.get("says", Answer.Says.CONCEPT),
        remark=data.get("remark", ""),
    )


def answer_in_words(answer: Answer) -> str:
    """What the HIT page says of an answer that was given before, in a sentence."""
    marked = answer.marks.count()
    marks = ngettext("%(n)d picture marked", "%(n)d pictures marked", marked) % {"n": marked}
    if answer.says == Answer.Says.NOTHING:
        return _("nothing in common")
    if answer.says == Answer.Says.GIVEN:
        return marks
    group = Group(answer.group).label if answer.group else ""
    return ", ".join(part for part in (f"“{answer.concept}”", group, marks) if part)
