"""The page of a unit: every answer about it, and its pictures with the share that kept each."""

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.dissection_reader import DissectionError
from annotator.models import Answer, Exemplar, Hit, Mark, PictureReport, Role, Snapshot, Study, Unit
from annotator.results.loading.answers import EXCLUSIONS, AnswerRow, counted, load_answer_rows
from annotator.results.output.formatting import group_names
from annotator.results.output.snapshots.stored_reports import report_in, unit_in
from annotator.results.report.detectors import is_detector
from annotator.results.report.reported_numbers.registry import definitions
from annotator.results.report.unit import UnitResult
from annotator.results.stats.jaccard import chance_jaccard
from annotator.views.access import for_readers, studies_for
from annotator.views.reader.addresses import unit_at
from annotator.views.reader.exemplar_tiles import dissected_masks, tiles_of
from annotator.views.reader.related_units import analyses_of, nearest_units, units_of_concept
from annotator.views.reader.score_histogram import score_histogram
from annotator.views.reader.snapshot import selection, with_snapshot

log = logging.getLogger(__name__)

LARGE_TILES = 12  # the other top images are folded
RELATED_TILES = 3
# The definitions that the page links to.
DEFINED = {
    *("counted", "return_rate", "answer_precision", "fit_share", "precision", "precision_interval"),
    *(
        "consensus_interval",
        "shrunken",
        "group",
        "dawid_skene",
        "concept",
        "precision_under_consensus",
    ),
    *("verified", "base_rate", "lift", "lift_interval", "detectors", "disputed", "scores"),
    *("overlap", "supported", "same_pictures", "dead", "dense", "broad"),
}


@require_safe
@for_readers
@with_snapshot
def unit(
    request: HttpRequest, study: Study, snapshot: Snapshot, network: str, layer: str, number: int
) -> HttpResponse:
    row = unit_at(study, network, layer, number)
    view = request.GET.get("view", "")
    chosen = view if view in Study.TileView.values else None
    context = unit_context(row, snapshot, chosen) | selection(request)
    # Links back keep the page, filters and order of the layer's list.
    context["keep_all"] = f"?{request.GET.urlencode()}" if request.GET else ""
    return render(request, "results/unit.html", context)


@require_safe
@for_readers
def unit_masks(request: HttpRequest, pk: int) -> HttpResponse:
    """Page of a unit, its masks: those of the unit's pictures, on one sheet, as a PNG."""
    readable = Unit.objects.filter(layer__network__study__in=studies_for(request, Role.READER))
    row = get_object_or_404(readable.select_related("layer__network"), pk=pk)
    try:
        sheet = dissected_masks(row)
    except OSError as error:
        raise Http404(str(error)) from error
    except DissectionError as error:
        log.warning("%s", error)
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(sheet, content_type="image/png", headers=headers)


def unit_context(unit: Unit, snapshot: Snapshot, view: str | None = None) -> dict[str, Any]:
    """The template context of the page of a unit, templates/results/unit.html.

    Args:
        view: what is shown of the pictures, a TileView; None is what annotators saw.
    """
    report, study = report_in(snapshot), unit.layer.network.study
    answers = Answer.objects.filter(assignment__unit=unit, assignment__hit__kind=Hit.Kind.NAMING)
    rows = [row for row in load_answer_rows(answers) if row.crowd == report.crowd]
    counted_rows = counted(rows)
    result = unit_in(snapshot, unit.layer_id, unit.number)
    neighbors = Unit.objects.filter(layer=unit.layer_id)
    fits = _fit_counts(unit, counted_rows)
    tiles = tiles_of([unit], study.top_count, fits, view)[unit.pk]
    return {
        "study": study.name,
        "unit": unit,
        "report": report,
        "snapshot": snapshot,
        "result": result,
        "is_detector": result is not None and is_detector(result, report.threshold),
        "votes": [(group_names()[g], n) for g, n in result.group_votes.items() if n]
        if result
        else [],
        "is_newer": len(counted_rows) != (result.answer_count if result else 0),
        "answers": [(row, EXCLUSIONS.get(row.exclusion or "", "")) for row in rows],
        "tiles": tiles[:LARGE_TILES],
        "more_tiles": tiles[LARGE_TILES:],
        "tile_count": len(tiles),
        "differing_count": len(tiles) - sum(len(ranks) - 1 for ranks in unit.near_copies),
        "near_copies": [sorted(ranks) for ranks in unit.near_copies],
        "views": _views(unit, view),
        "whole": Counter(tile.why_whole for tile in tiles if tile.why_whole).most_common(),
        "histogram": score_histogram([tile.score for tile in tiles], unit.threshold),
        "group_names": group_names(),
        "definitions": definitions(report.threshold, DEFINED),
        "previous": neighbors.filter(number__lt=unit.number).last(),
        "next": neighbors.filter(number__gt=unit.number).first(),
        **_related(unit, snapshot, result),
    }


def _views(unit: Unit, chosen: str | None) -> list[tuple[str, bool, bool]]:
    """The views of a unit's pictures: (TileView, is shown, is what annotators saw).

    There is a choice if some picture has a crop, which it gets when the unit is published.
    """
    shown_to_annotators = unit.hit.tile_view if unit.hit else ""
    if not unit.hit or not unit.hit.shown.filter(role=Exemplar.Role.TOP, box_side__lt=1).exists():
        return []
    return [
        (view, view == (chosen or shown_to_annotators), view == shown_to_annotators)
        for view in Study.TileView.values
    ]


def _related(unit: Unit, snapshot: Snapshot, result: UnitResult | None) -> dict[str, Any]:
    """Template context: units that resemble this one, with pictures, and the lab's analyses."""
    report, study = report_in(snapshot), unit.layer.network.study
    nearest = nearest_units(unit, study.top_count)
    results = {
        one.unit.pk: unit_in(snapshot, one.unit.layer_id, one.unit.number) for one in nearest
    }
    concept = result.named.consensus if result else None
    same, same_count = units_of_concept(unit, concept, report, snapshot) if concept else ([], 0)
    shown = {one.unit.pk: one.unit for one in (*nearest, *same)}
    results |= {one.unit.pk: one.result for one in same}
    return {
        "nearest": [(one, results[one.unit.pk]) for one in nearest],
        "chance_overlap": chance_jaccard(study.top_count, study.image_count),
        "same_concept": same,
        "same_concept_count": same_count,
        "related_tiles": tiles_of(shown.values(), RELATED_TILES),
        "related_detectors": {
            pk for pk, each in results.items() if each and is_detector(each, report.threshold)
        },
        "analyses": analyses_of(unit),
    }


def _fit_counts(unit: Unit, answers: Iterable[AnswerRow]) -> dict[int, tuple[int, int]]:
    """Exemplar to (answers that left it unmarked, answers that judged it), for pictures shown.

    A worker who hid a picture did not judge it. An answer "nothing in common" judges every
    picture and keeps none.
    """
    judging = {row.answer: row.says for row in answers if row.kind != "imported"}
    naming = [answer for answer, says in judging.items() if says != "nothing"]
    if not judging:
        return {}
    marked = _by_exemplar(Mark.objects.filter(answer__in=naming))
    hidden = _by_exemplar(PictureReport.objects.filter(assignment__answer__in=judging))
    hidden_in_naming = hidden
    if len(naming) < len(judging):
        reports = PictureReport.objects.filter(assignment__answer__in=naming)
        hidden_in_naming = _by_exemplar(reports)
    shown = unit.hit.shown.values_list("pk", flat=True) if unit.hit else ()
    counts = {
        pk: (len(naming) - marked[pk] - hidden_in_naming[pk], len(judging) - hidden[pk])
        for pk in shown
    }
    return {pk: count for pk, count in counts.items() if count[1]}


def _by_exemplar(rows: QuerySet) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list("exemplar").annotate(Count("pk"))))
