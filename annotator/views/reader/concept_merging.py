"""The page on which a researcher merges words: blind to network, layer and precision."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

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
from annotator.views.access import actor_of, for_requesters, is_simulated

WORDS_A_PAGE = 120
SUGGESTIONS = 30


@require_safe
@for_requesters
def concepts(request: HttpRequest, study: str) -> HttpResponse:
    found = get_object_or_404(Study, name=study)
    decided = load_merges(found)
    merged = concept_map(decided)
    every = load_concepts(found, merged)
    part = request.GET.get("q", "").strip().casefold()
    shown = [one for one in every if part in one.name]
    near = suggestions({one.name: one.answer_count for one in every}, pairs_kept_apart(decided))
    context = {
        "study": study,
        "is_simulated": is_simulated(found),
        "version": merged.version,
        "word_count": len(every),
        "part": part,
        "page": Paginator(shown, WORDS_A_PAGE).get_page(request.GET.get("page")),
        "suggestions": near[:SUGGESTIONS],
        "more": max(len(near) - SUGGESTIONS, 0),
        "counts": {one.name: one.answer_count for one in every},
        "merges": found.merges.order_by("-version"),
    }
    return render(request, "results/concepts.html", context)


@require_POST
@for_requesters
def merge_concepts(request: HttpRequest, study: str) -> HttpResponse:
    found = get_object_or_404(Study, name=study)
    words = request.POST.getlist("word")
    into = request.POST.get("into", "").strip() or (words[0] if words else "")
    by = actor_of(request)
    with _all_or_why_not(request):
        made = merge(found, words, into, by.name)
        note(found, by, "merge words", version=made.version, words=made.words, into=made.into)
        messages.success(request, f"{', '.join(made.words)}: {made.into} from now on.")
    return redirect("concepts", study)


@require_POST
@for_requesters
def keep_concepts_apart(request: HttpRequest, study: str) -> HttpResponse:
    found = get_object_or_404(Study, name=study)
    by = actor_of(request)
    with _all_or_why_not(request):
        kept = keep_apart(found, request.POST.getlist("word"), by.name)
        note(found, by, "keep words apart", version=kept.version, words=kept.words)
        messages.success(request, f"{', '.join(kept.words)}: not suggested any more.")
    return redirect("concepts", study)


@require_POST
@for_requesters
def undo_merge(request: HttpRequest, study: str, version: int) -> HttpResponse:
    found = get_object_or_404(Study, name=study)
    by = actor_of(request)
    with _all_or_why_not(request):
        undone = undo(found, version)
        action = "undo a merge" if undone.into else "undo keeping apart"
        note(found, by, action, version=undone.version, words=undone.words)
        now = "different concepts again" if undone.into else "may be suggested again"
        messages.success(request, f"{', '.join(undone.words)}: {now}.")
    return redirect("concepts", study)


@contextmanager
def _all_or_why_not(request: HttpRequest) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except MergeError as error:
        messages.error(request, str(error))
