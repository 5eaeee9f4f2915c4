"""The page on which a researcher merges words: blind to network, layer and precision."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotator.crowd.access.mixed_crowds import is_simulated
from annotator.crowd.audit import note
from annotator.models import Study
from annotator.results.concepts.merges import (
    MergeError,
    concept_map,
    keep_apart,
    load_concepts,
    load_merges,
    merge,
    pairs_kept_apart,
    undo,
)
from annotator.results.concepts.suggestions import suggestions
from annotator.views.access import actor_of, for_requesters

CONCEPTS_PER_PAGE = 120
MAX_SUGGESTIONS = 30


@require_safe
@for_requesters
def concepts(request: HttpRequest, study: str) -> HttpResponse:
    row = get_object_or_404(Study, name=study)
    merges = load_merges(row)
    current = concept_map(merges)
    concepts = load_concepts(row, current)
    counts = {concept.name: concept.answer_count for concept in concepts}
    near = suggestions(counts, pairs_kept_apart(merges))
    part = request.GET.get("q", "").strip().casefold()
    matching = [concept for concept in concepts if part in concept.name]
    context = {
        "study": study,
        "is_simulated": is_simulated(row),
        "version": current.version,
        "concept_count": len(concepts),
        "part": part,
        "page": Paginator(matching, CONCEPTS_PER_PAGE).get_page(request.GET.get("page")),
        "suggestions": near[:MAX_SUGGESTIONS],
        "more": max(len(near) - MAX_SUGGESTIONS, 0),
        "counts": counts,
        "merges": row.merges.order_by("-version"),
    }
    return render(request, "results/concepts.html", context)


@require_POST
@for_requesters
def merge_concepts(request: HttpRequest, study: str) -> HttpResponse:
    row = get_object_or_404(Study, name=study)
    words = request.POST.getlist("word")
    into = request.POST.get("into", "").strip() or (words[0] if words else "")
    by = actor_of(request)
    with _atomic_or_message(request):
        merged = merge(row, words, into, by.name)
        note(row, by, "merge words", version=merged.version, words=merged.words, into=merged.into)
        messages.success(
            request,
            _("Merged %(words)s into %(into)s.")
            % {"words": ", ".join(merged.words), "into": merged.into},
        )
    return redirect("concepts", study)


@require_POST
@for_requesters
def keep_concepts_apart(request: HttpRequest, study: str) -> HttpResponse:
    row = get_object_or_404(Study, name=study)
    by = actor_of(request)
    with _atomic_or_message(request):
        decision = keep_apart(row, request.POST.getlist("word"), by.name)
        note(row, by, "keep words apart", version=decision.version, words=decision.words)
        messages.success(
            request,
            _("%(words)s are kept apart and are not suggested again.")
            % {"words": ", ".join(decision.words)},
        )
    return redirect("concepts", study)


@require_POST
@for_requesters
def undo_merge(request: HttpRequest, study: str, version: int) -> HttpResponse:
    row = get_object_or_404(Study, name=study)
    by = actor_of(request)
    with _atomic_or_message(request):
        undone = undo(row, version)
        action = "undo a merge" if undone.into else "undo keeping apart"
        note(row, by, action, version=undone.version, words=undone.words)
        effect = (
            _("%(words)s are separate concepts again.")
            if undone.into
            else _("%(words)s may be suggested again.")
        )
        messages.success(request, effect % {"words": ", ".join(undone.words)})
    return redirect("concepts", study)


@contextmanager
def _atomic_or_message(request: HttpRequest) -> Iterator[None]:
    """Run a block in a transaction; if it is refused, undo it and show the reason."""
    try:
        with transaction.atomic():
            yield
    except MergeError as error:
        messages.error(request, str(error))
