"""The page of one answer as a reviewer sees it: pictures, marks, quality signals, history."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.audit import Actor
from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.quality.baseline import bad_catch_images, baseline_of
from annotator.crowd.quality.signals import MIN_VIEW_MS, Signal, blind_signals, signals_of
from annotator.crowd.review.answer_list import waiting
from annotator.crowd.review.decisions import ask_again, dispose
from annotator.crowd.review.looks import open_words, opened_by
from annotator.crowd.review.rejections import PROPOSED, confirm, withdraw
from annotator.crowd.review.roster import return_reasons
from annotator.models import (
    Assignment,
    Attempt,
    AuditRow,
    Exemplar,
    Hit,
    Place,
    ProposedRejection,
    Study,
)
from annotator.results.output.formatting import group_names
from annotator.views.access import actor_of, for_reviewers
from annotator.views.reader.exemplar_tiles import Tile, tile_of
from annotator.views.reviewer.answers import decide, reviewed_study

ROLES = {
    Exemplar.Role.CATCH: gettext_noop("catch image"),
    Exemplar.Role.REPEAT: gettext_noop("repeat"),
    Exemplar.Role.HELD_OUT: gettext_noop("held out"),
    Exemplar.Role.RANDOM: gettext_noop("random"),
}


CHECKS = (Exemplar.Role.CATCH, Exemplar.Role.REPEAT)  # they check the worker, not the unit


@dataclass(frozen=True)
class JudgedPicture:
    """One picture of an answer. `note` is its role or rank, and what happened to it, in words."""

    tile: Tile
    is_marked: bool
    note: str


def answer_context(study: Study, assignment: Assignment, is_open: bool) -> dict[str, Any]:
    """The template context of a reviewer's page of one answer, templates/review/answer.html.

    Args:
        is_open: the reviewer has opened the words of its HIT. Else neither its words and marks nor
            signals that use them are shown.
    """
    if study.is_large:
        rows = quality_rows(study, units=[assignment.unit_id])
        stored = getattr(assignment, "review", None)
        signals = [Signal(*pair) for pair in stored.signals] if stored else None
        bad_catch = frozenset(image.exemplar for image in bad_catch_images(rows))
        row = next(row for row in rows if row.assignment == assignment.pk)
    else:
        rows = quality_rows(study)
        row = next(row for row in rows if row.assignment == assignment.pk)
        baseline = baseline_of(rows)
        signals, bad_catch = signals_of(row, baseline), baseline.bad_catch
    history = list(AuditRow.objects.filter(assignment=assignment))
    is_proposed = any(row.action == PROPOSED for row in history)
    return {
        "study": study,
        "is_simulated": study.is_simulated,
        "assignment": assignment,
        "answer": assignment.answer,
        "row": row,
        "is_open": is_open,
        "signals": signals if is_open or signals is None else blind_signals(signals),
        "others": _others(assignment) if is_open else [],
        "pictures": _pictures(
            assignment, row.trace.seen_ms if row.trace else {}, bad_catch, is_open
        ),
        "views": _views(assignment, row.trace.views if row.trace else ()),
        "proposal": _open_proposal(assignment) if is_proposed else None,
        "history": history,
        "returns": return_reasons(assignment.hit),
        "group_names": group_names(),
    }


def _others(assignment: Assignment) -> QuerySet[Assignment]:
    """The other answers to an answer's HIT, the earliest first."""
    others = assignment.hit.assignments.filter(answer__isnull=False).exclude(pk=assignment.pk)
    return others.select_related("answer", "worker").order_by("submitted_at", "pk")


def _pictures(
    assignment: Assignment, seen_ms: Mapping[str, int], bad: Set[int], is_open: bool
) -> list[JudgedPicture]:
    """The pictures of an answer: the top images by rank, then the others.

    Args:
        seen_ms: slot to the milliseconds that the picture was in view.
        bad: exemplars that are bad catch images.
        is_open: marks are told of every picture, else of catch images and repeats alone.
    """
    reports = assignment.reports.filter(exemplar=OuterRef("pk")).values("why")
    shown = assignment.hit.shown.select_related("image").annotate(
        is_marked=Exists(assignment.answer.marks.filter(exemplar=OuterRef("pk"))),
        hidden_why=Subquery(reports[:1]),
    )
    return [
        JudgedPicture(
            tile=tile_of(exemplar, assignment.unit),
            is_marked=exemplar.is_marked and (is_open or exemplar.role in CHECKS),
            note=", ".join(_notes(exemplar, seen_ms, bad)),
        )
        for exemplar in shown.order_by(F("rank").asc(nulls_last=True))
    ]


def _notes(exemplar: Exemplar, seen_ms: Mapping[str, int], bad: Set[int]) -> list[str]:
    notes = [
        _(ROLES[exemplar.role])
        if exemplar.role in ROLES
        else _("rank %(rank)s") % {"rank": exemplar.rank}
    ]
    if exemplar.pk in bad:
        notes[0] = _("bad catch image")
    if exemplar.hidden_why:
        notes.append(exemplar.hidden_why)
    elif seen_ms and seen_ms.get(str(exemplar.slot), 0) < MIN_VIEW_MS:
        notes.append(_("barely in view"))
    return notes


def _views(assignment: Assignment, traced: tuple[str, ...]) -> list[str]:
    """The views that the trace or the draft records, in words."""
    draft = getattr(assignment, "draft", None)
    used = {*traced, *(draft.content["views"] if draft else ())}
    return [label for view, label in Study.View.choices if view in used]


def _assignments(study: Study, by: Actor) -> QuerySet[Assignment]:
    """The answers of a study with what their page shows of each, in two queries."""
    submitted = waiting(study).exclude(pk=OuterRef("pk"))
    attempts = Attempt.objects.filter(assignment=OuterRef("pk")).order_by().values("assignment")
    places = Place.objects.filter(hit=OuterRef("hit")).order_by().values("hit")
    count = Count("pk")
    rows = Assignment.objects.filter(worker__study=study).annotate(
        next_key=Subquery(submitted.values("key")[:1]),
        attempt_count=Coalesce(Subquery(attempts.annotate(count=count).values("count")), 0),
        is_open=opened_by(by, OuterRef("hit")),
        place_count=Subquery(places.annotate(count=count).values("count")),
    )
    joined = ("answer", "worker", "hit__hit_type", "unit__layer__network", "draft", "review")
    return rows.select_related(*joined).prefetch_related("unit__hits")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answer(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Page: one answer for a reviewer: what was seen and entered, its signals and history."""
    study = reviewed_study(name)
    assignment = get_object_or_404(
        _assignments(study, actor_of(request)), key=key, answer__isnull=False
    )
    if request.method == "POST":
        if "proposal" in request.POST:
            _settle_proposal(request, assignment)
        else:
            decide(request, study)
        return redirect("review_answer", name, key)
    context = answer_context(study, assignment, assignment.is_open)
    return render(request, "review/answer.html", context)


@require_POST
@for_reviewers
def open_answer(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Handle the POST that opens the words of an answer's HIT for a reviewer; it is logged."""
    assignments = Assignment.objects.select_related("worker__study", "hit")
    assignment = get_object_or_404(
        assignments, key=key, answer__isnull=False, worker__study__name=name
    )
    open_words(assignment, actor_of(request))
    return redirect("review_answer", name, key)


def _open_proposal(assignment: Assignment) -> ProposedRejection | None:
    return assignment.proposed_rejections.filter(closed_at__isnull=True).first()


def _settle_proposal(request: HttpRequest, assignment: Assignment) -> None:
    """Confirm or withdraw the open proposal to reject an answer, and tell the reviewer."""
    proposal, by = _open_proposal(assignment), actor_of(request)
    if proposal is None:
        messages.warning(request, _("This rejection is not open any more."))
    elif request.POST["proposal"] != "confirm":
        withdraw(proposal, by)
        messages.success(request, _("The rejection was withdrawn. The answer waits as before."))
    else:
        try:
            confirm(proposal, by)
        except ReviewError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The answer is rejected: it is neither paid nor counted."))


@require_POST
@for_reviewers
def change_hit(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Handle the POST on an answer's review page that asks for another or withdraws the HIT."""
    hit = get_object_or_404(Hit, key=key, unit__layer__network__study__name=name)
    back = get_object_or_404(Assignment, key=request.POST.get("back", ""), hit=hit)
    try:
        if "dispose" in request.POST:
            dispose(hit, actor_of(request))
            messages.success(request, _("The HIT was withdrawn. Its answers are kept."))
        else:
            ask_again(hit, actor_of(request))
            messages.success(request, _("The HIT is open for one more answer."))
    except ReviewError as error:
        messages.warning(request, str(error))
    return redirect("review_answer", name, back.key)
