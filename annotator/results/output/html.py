"""The report of a study as a page: its figures, the tables beside them, and the definitions."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.figures.flow_chart import flow_alt_text, flow_chart
from annotator.results.output.figures.page_figures import Figure, draw_figures
from annotator.results.output.figures.rendering import svg_for_page
from annotator.results.output.formatting import bar_names, group_names
from annotator.results.output.headlines import best_named, comparison_lines, findings, galleries
from annotator.results.report.comparison import POST_HOC
from annotator.results.report.control_labels import control_kinds, control_names, labels_in_prose
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import OF_AGREEMENT, in_table
from annotator.results.report.reported_numbers.layer import LAYER
from annotator.results.report.reported_numbers.registry import definitions
from annotator.results.report.training_runs import kinds_in_report
from annotator.results.report.unit import UnitResult

CURVE_POINTS = (50, 60, 70, 75, 80, 90)  # thresholds in hundredths, in the table of the curve
STYLE_SHEETS = ("unitscope.css", "tiles.css", "results.css", "report.css")
STATIC = Path(__file__).resolve().parents[2] / "static"
CONSTANTS = {  # of the template's context, the same for every report
    "variants": VARIANTS,
    "curve_points": CURVE_POINTS,
    "post_hoc": POST_HOC,
    "measures": [number.name for number in in_table(LAYER, OF_AGREEMENT)],
}


def report_context(
    report: StudyReport,
    figures: dict[str, Figure] | None = None,
    units_of: Callable[[LayerResult], Iterable[UnitResult]] = lambda layer: layer.units,
) -> dict[str, Any]:
    """The context of the template that shows a report as HTML, results/_report.html.

    Args:
        figures: those of this report where they are drawn already; None draws them.
        units_of: the answered units of a layer, where the report is the head of a snapshot.
    """
    detecting = galleries(report, units_of)
    return {
        "report": report,
        "figures": draw_figures(report) if figures is None else figures,
        "findings": findings(report),
        "galleries": detecting or best_named(report, units_of),
        "has_detectors": bool(detecting),
        "lines": comparison_lines(report),
        "definitions": definitions(report.threshold),
        **_network_context(report.networks),
        **_layer_context([layer for network in report.networks for layer in network.layers]),
        **_exclusion_context(report),
        **CONSTANTS,
        "group_names": group_names(),
        "bar_names": bar_names(),
    }


def _network_context(networks: Sequence[NetworkResult]) -> dict[str, Any]:
    """What the networks and their layers are called, and which networks are controls."""
    return {
        "labels": labels_in_prose(networks),
        "layer_names": {
            network.name: {layer.name: layer.display_name for layer in network.layers}
            for network in networks
        },
        "kinds": control_kinds(networks),
        "controls": control_names(networks),
        "of_runs": kinds_in_report(networks),
    }


def _layer_context(layers: Sequence[LayerResult]) -> dict[str, Any]:
    """Which sections a report has, and its number of units."""
    return {
        "has_chance": any(layer.chance for layer in layers),
        "has_verified": any(layer.verified for layer in layers),
        "has_dawid_skene": any(layer.dawid_skene_groups for layer in layers),
        "unit_count": sum(layer.answered_unit_count for layer in layers),
    }


def _exclusion_context(report: StudyReport) -> dict[str, Any]:
    """Which answers were excluded, in words and as the flow chart."""
    return {
        "excluded": [(n, EXCLUSIONS[reason]) for reason, n in report.excluded.items()],
        "excluded_count": sum(report.excluded.values()),
        "flow_figure": mark_safe(svg_for_page(flow_chart(report.flow, report.notice))),
        "flow_alt_text": flow_alt_text(report.flow),
    }


def standalone_page(report: StudyReport, figures: dict[str, Figure] | None = None) -> str:
    """The report as one HTML file that opens from disk: no script, link or picture.

    Args:
        figures: those of this report where they are drawn already; None draws them.
    """
    style = "\n".join((STATIC / name).read_text() for name in STYLE_SHEETS)
    context = {**report_context(report, figures), "style": mark_safe(style), "is_standalone": True}
    return render_to_string("results/standalone.html", context)
