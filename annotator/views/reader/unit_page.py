"""One unit: every word that was said about it, and its pictures with the share that kept each."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from annotator.models import Answer, Hit, Mark, PictureReport, Snapshot, Unit
from annotator.results.definitions import definitions
from annotator.results.loading.answers import (
    EXCLUSIONS,
    AnswerRow,
    counted,
    load_answer_rows,
)
from annotator.results.output.formatting import GROUP_NAMES
from annotator.results.output.snapshots import report_in, unit_in
from annotator.views.reader.exemplar_tiles import tiles_of

# What the page links to.
DEFINED = {
    *("counted", "return_rate", "answer_precision", "fit_share", "precision", "precision_interval"),
    *("shrunken", "q_above", "group", "dawid_skene", "concept", "precision_under_consensus"),
    *("verified", "base_rate", "lift", "lift_interval"),
}


def unit_context(unit: Unit, snapshot: Snapshot) -> dict[str, Any]:
    """What templates/results/unit.html wants."""
    report = report_in(snapshot)
    answers = Answer.objects.filter(assignment__unit=unit, assignment__hit__kind=Hit.Kind.NAMING)
    rows = [row for row in load_answer_rows(answers) if row.crowd == report.crowd]
    good = counted(rows)
    kept = _kept(unit, good)
    result = unit_in(snapshot, unit.layer_id, unit.number)
    numbers = Unit.objects.filter(layer=unit.layer_id)
    tiles = tiles_of([unit], unit.layer.network.study.top_count, kept)[unit.pk]
    return {
        "study": unit.layer.network.study.name,
        "unit": unit,
        "report": report,
        "snapshot": snapshot,
        "result": result,
        "votes": [(GROUP_NAMES[g], n) for g, n in result.group_votes.items() if n]
        if result
        else [],
        "is_newer": len(good) != (result.answer_count if result else 0),
        "answers": [(row, EXCLUSIONS.get(row.exclusion or "", "")) for row in rows],
        "tiles": tiles,
        "whole": Counter(tile.why_whole for tile in tiles if tile.why_whole).most_common(),
        "group_names": GROUP_NAMES,
        "definitions": definitions(report.threshold, DEFINED),
        "before": numbers.filter(number__lt=unit.number).last(),
        "after": numbers.filter(number__gt=unit.number).first(),
    }


def _kept(unit: Unit, answers: Iterable[AnswerRow]) -> dict[int, tuple[int, int]]:
    """Exemplar to (answers that left it unmarked, answers that judged it), for those shown.

    Who hid a picture did not judge it; who says "nothing in common" keeps none.
    """
    judged = {row.answer: row.says for row in answers if row.kind != "imported"}
    naming = [answer for answer, says in judged.items() if says != "nothing"]
    if not judged:
        return {}
    marked = _counted(Mark.objects.filter(answer__in=naming))
    hidden = _counted(PictureReport.objects.filter(assignment__answer__in=judged))
    hidden_naming = hidden
    if len(naming) < len(judged):
        hidden_naming = _counted(PictureReport.objects.filter(assignment__answer__in=naming))
    shown = unit.hit.shown.values_list("pk", flat=True) if unit.hit else ()
    counts = {
        pk: (len(naming) - marked[pk] - hidden_naming[pk], len(judged) - hidden[pk]) for pk in shown
    }
    return {pk: count for pk, count in counts.items() if count[1]}


def _counted(rows: QuerySet) -> Counter[int]:
    """Rows by exemplar."""
    return Counter(dict(rows.order_by().values_list("exemplar").annotate(Count("pk"))))
