"""The report of a study as a page: its figures, the tables beside them, and what they mean."""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from pydantic import TypeAdapter

from annotator.models import Snapshot
from annotator.results.definitions import definitions
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.alt_text import alternative
from annotator.results.output.flow_chart import alternative as flow_told
from annotator.results.output.flow_chart import flow_for_page
from annotator.results.output.formatting import BAR_NAMES, GROUP_NAMES
from annotator.results.output.snapshots import report_at
from annotator.results.report.comparison import POST_HOC
from annotator.results.report.controls import control_names
from annotator.results.report.report import StudyReport
from annotator.results.stats.agreement import Agreement
from annotator.storage import keep, read

AT_THRESHOLDS = (50, 60, 70, 75, 80, 90)  # of the curve, in a table beside it
DRAWN = TypeAdapter(dict[str, tuple[str, str, str]])
STATIC = Path(__file__).resolve().parent.parent.parent / "static"


@dataclass(frozen=True)
class Figure:
    """A figure, drawn for a page and for a phone."""

    name: str
    alternative: str
    wide: SafeString
    narrow: SafeString


def report_context(report: StudyReport, figures: dict[str, Figure] | None = None) -> dict[str, Any]:
    """What templates/results/_report.html wants.

    Args:
        figures: those of this report where they are drawn already; None draws them.
    """
    return {
        "report": report,
        "figures": drawn(report) if figures is None else figures,
        "definitions": definitions(report.threshold),
        "variants": VARIANTS,
        "has_verified": any(network.is_verified for network in report.networks),
        "at_thresholds": AT_THRESHOLDS,
        "afterwards": POST_HOC,
        "controls": control_names(report.networks),
        "flow_figure": mark_safe(flow_for_page(report.flow, report.notice)),
        "flow_told": flow_told(report.flow),
        "measures": [field.name for field in fields(Agreement)],
        "group_names": GROUP_NAMES,
        "bar_names": BAR_NAMES,
        "excluded": [(n, EXCLUSIONS[reason]) for reason, n in report.excluded.items()],
        "has_dawid_skene": any(
            layer.dawid_skene_groups for network in report.networks for layer in network.layers
        ),
        "excluded_count": sum(report.excluded.values()),
        "unit_count": sum(
            layer.answered_unit_count for network in report.networks for layer in network.layers
        ),
    }


def drawn(report: StudyReport) -> dict[str, Figure]:
    """Every figure of a report by name; none of a study without answers."""
    from annotator.results.output.figures import (
        FIGURES,  # a page that only reads never waits for it
    )

    return {name: figure(report, name) for name in FIGURES} if report.answer_count else {}


def figure(report: StudyReport, name: str) -> Figure:
    from annotator.results.output.figures import FIGURES, for_page

    draw = FIGURES[name]
    on_page, on_phone = for_page(draw(report, False)), for_page(draw(report, True))
    # Drawn here from numbers and escaped names, so there is nothing of a user's in it unescaped.
    return Figure(name, alternative(report, name), mark_safe(on_page), mark_safe(on_phone))


def figures_in(snapshot: Snapshot) -> dict[str, Figure]:
    """The figures of a snapshot, drawn once and kept with it."""
    return _kept_figures(snapshot.content)


@lru_cache(maxsize=8)
def _kept_figures(content: str) -> dict[str, Figure]:
    name = f"{content}/figures.json"
    keep(name, lambda: _packed(drawn(report_at(content))))
    return {
        key: Figure(key, told, mark_safe(wide), mark_safe(narrow))
        for key, (told, wide, narrow) in DRAWN.validate_json(read(name)).items()
    }


def _packed(figures: dict[str, Figure]) -> bytes:
    return DRAWN.dump_json(
        {key: (one.alternative, str(one.wide), str(one.narrow)) for key, one in figures.items()}
    )


def standalone_page(report: StudyReport) -> str:
    """The report as one HTML file that opens from disk: no script, no address, no picture."""
    style = "\n".join((STATIC / name).read_text() for name in ("unitscope.css", "results.css"))
    context = {**report_context(report), "style": mark_safe(style), "is_standalone": True}
    return render_to_string("results/standalone.html", context)
