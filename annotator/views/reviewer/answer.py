"""The page of one answer as a reviewer sees it: pictures, marks, quality signals, history."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.quality.baseline import baseline_of
from annotator.crowd.quality.signals import MIN_VIEW_MS, signals_of
from annotator.crowd.review.decisions import ask_again, dispose
from annotator.crowd.review.roster import return_reasons
from annotator.models import Assignment, AuditRow, Draft, Exemplar, Hit, Study, Unit
from annotator.results.output.formatting import GROUP_NAMES
from annotator.studies import is_simulated
from annotator.views.access import actor_of, for_reviewers
from annotator.views.reader.exemplar_tiles import Tile, tile_of
from annotator.views.reviewer.answers import decide

ROLES = {
    Exemplar.Role.CATCH: "catch image",
    Exemplar.Role.REPEAT: "repeat",
    Exemplar.Role.HELD_OUT: "held out",
    Exemplar.Role.RANDOM: "random",
}


@dataclass(frozen=True)
class JudgedPicture:
    """One picture of an answer. `note` is its role or rank, and what happened to it, in words."""

    tile: Tile
    is_marked: bool
    note: str


def answer_context(study: Study, assignment: Assignment) -> dict[str, Any]:
    """The template context of a reviewer's page of one answer, templates/review/answer.html."""
    rows = quality_rows(study)
    row = next(row for row in rows if row.assignment == assignment.pk)
    baseline = baseline_of(rows)
    waiting = Assignment.objects.filter(
        worker__study=study, status=Assignment.Status.SUBMITTED
    ).exclude(pk=assignment.pk)
    return {
        "study": study,
        "is_simulated": is_simulated(study),
        "assignment": assignment,
        "answer": assignment.answer,
        "row": row,
        "signals": signals_of(row, baseline),
        "pictures": _pictures(
            assignment, row.trace.seen_ms if row.trace else {}, baseline.bad_catch
        ),
        "attempts": assignment.attempts.order_by("number"),
        "views": _views(assignment, row.trace.views if row.trace else ()),
        "history": AuditRow.objects.filter(assignment=assignment),
        "returns": return_reasons(assignment.hit),
        "places": assignment.hit.places.count(),
        "group_names": GROUP_NAMES,
        "next": waiting.order_by("submitted_at", "pk").first(),
    }


def _pictures(
    assignment: Assignment, seen_ms: Mapping[str, int], bad: Set[int]
) -> list[JudgedPicture]:
    """The pictures of an answer: the top images by rank, then the others.

    Args:
        seen_ms: slot to the milliseconds that the picture was in view.
        bad: exemplars that are bad catch images.
    """
    unit = (
        Unit.objects.select_related("layer__network")
        .prefetch_related("hits")
        .get(pk=assignment.unit_id)
    )
    marked = set(assignment.answer.marks.values_list("exemplar", flat=True))
    hidden = dict(assignment.reports.values_list("exemplar", "why"))
    shown = assignment.hit.shown.select_related("image").order_by(F("rank").asc(nulls_last=True))
    return [
        JudgedPicture(
            tile=tile_of(exemplar, unit),
            is_marked=exemplar.pk in marked,
            note=", ".join(_notes(exemplar, hidden, seen_ms, bad)),
        )
        for exemplar in shown
    ]


def _notes(
    exemplar: Exemplar, hidden: Mapping[int, str], seen_ms: Mapping[str, int], bad: Set[int]
) -> list[str]:
    notes = [ROLES.get(exemplar.role) or f"rank {exemplar.rank}"]
    if exemplar.pk in bad:
        notes[0] = "bad catch image"
    if exemplar.pk in hidden:
        notes.append(hidden[exemplar.pk])
    elif seen_ms and seen_ms.get(str(exemplar.slot), 0) < MIN_VIEW_MS:
        notes.append("barely in view")
    return notes


def _views(assignment: Assignment, traced: tuple[str, ...]) -> list[str]:
    """The views that the trace or the draft records, in words."""
    draft = Draft.objects.filter(assignment=assignment).first()
    used = {*traced, *(draft.content["views"] if draft else ())}
    return [label for view, label in Study.View.choices if view in used]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answer(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Page: one answer for a reviewer: what was seen and entered, its signals and history."""
    study = get_object_or_404(Study, name=name)
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    assignment = get_object_or_404(rows, key=key, worker__study=study, answer__isnull=False)
    if request.method == "POST":
        decide(request, study)
        return redirect("review_answer", name, key)
    return render(request, "review/answer.html", answer_context(study, assignment))


@require_POST
@for_reviewers
def change_hit(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Handle the POST on an answer's review page that asks for another or withdraws the HIT."""
    hit = get_object_or_404(Hit, key=key, unit__layer__network__study__name=name)
    try:
        if "dispose" in request.POST:
            dispose(hit, actor_of(request))
            messages.success(request, "The HIT was withdrawn. Its answers are kept.")
        else:
            ask_again(hit, actor_of(request))
            messages.success(request, "The HIT is open for one more answer.")
    except ReviewError as error:
        messages.warning(request, str(error))
    return redirect("review_answer", name, request.POST.get("back", ""))
