"""The report of a study as a page: its figures, the tables beside them, and the definitions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from pydantic import TypeAdapter

from annotator.models import Snapshot
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.flow_chart import flow_alt_text, flow_chart
from annotator.results.output.formatting import (
    BAR_NAMES,
    bar_names,
    decimal,
    group_names,
    percent,
)
from annotator.results.output.headlines import (
    best_named,
    comparison_lines,
    findings,
    galleries,
)
from annotator.results.output.rendering import chart_for_page, svg_for_page
from annotator.results.output.snapshots import report_at
from annotator.results.report.comparison import POST_HOC
from annotator.results.report.controls import control_kinds, control_names, labels_in_prose
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import OF_AGREEMENT, in_table
from annotator.results.report.reported_numbers.layer import LAYER
from annotator.results.report.reported_numbers.registry import definitions
from annotator.results.report.training_runs import kinds_in_report
from annotator.results.report.unit import UnitResult
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.storage import keep, read

CURVE_POINTS = (50, 60, 70, 75, 80, 90)  # thresholds in hundredths, in the table of the curve
STYLE_SHEETS = ("unitscope.css", "tiles.css", "results.css", "report.css")
STATIC = Path(__file__).resolve().parents[2] / "static"


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, drawn wide for a page and narrow for a phone."""

    name: str
    alt_text: str
    wide: SafeString
    narrow: SafeString


STORED_FIGURES = TypeAdapter(dict[str, tuple[str, str, str]])  # alt text, wide, narrow


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
    layers = [layer for network in report.networks for layer in network.layers]
    detecting = galleries(report, units_of)
    return {
        "report": report,
        "figures": draw_figures(report) if figures is None else figures,
        "findings": findings(report),
        "galleries": detecting or best_named(report, units_of),
        "has_detectors": bool(detecting),
        "lines": comparison_lines(report),
        "of_runs": kinds_in_report(report.networks),
        "layer_names": {
            network.name: {layer.name: layer.display_name for layer in network.layers}
            for network in report.networks
        },
        "labels": labels_in_prose(report.networks),
        "kinds": control_kinds(report.networks),
        "definitions": definitions(report.threshold),
        "variants": VARIANTS,
        "has_chance": any(layer.chance for layer in layers),
        "has_verified": any(layer.verified for layer in layers),
        "curve_points": CURVE_POINTS,
        "post_hoc": POST_HOC,
        "controls": control_names(report.networks),
        "flow_figure": mark_safe(svg_for_page(flow_chart(report.flow, report.notice))),
        "flow_alt_text": flow_alt_text(report.flow),
        "measures": [number.name for number in in_table(LAYER, OF_AGREEMENT)],
        "group_names": group_names(),
        "bar_names": bar_names(),
        "excluded": [(n, EXCLUSIONS[reason]) for reason, n in report.excluded.items()],
        "has_dawid_skene": any(layer.dawid_skene_groups for layer in layers),
        "excluded_count": sum(report.excluded.values()),
        "unit_count": sum(layer.answered_unit_count for layer in layers),
    }


def draw_figures(report: StudyReport) -> dict[str, Figure]:
    """The figures for the HTML of a report, drawn inline, by name; none without answers."""
    # Imported here: a page that only reads never waits for the libraries that draw.
    from annotator.results.output.figures import FIGURES

    return {name: draw_figure(report, name) for name in FIGURES} if report.answer_count else {}


def draw_figure(report: StudyReport, name: str) -> Figure:
    from annotator.results.output.figures import FIGURES

    wide = chart_for_page(FIGURES[name](report, False))
    narrow = chart_for_page(FIGURES[name](report, True))
    # Safe: drawn here from numbers and from names that the library escapes.
    return Figure(name, _alt_text(report, name), mark_safe(wide), mark_safe(narrow))


def figures_in(snapshot: Snapshot) -> dict[str, Figure]:
    """The figures inside a report's HTML page, drawn once and stored with the snapshot."""
    return _stored_figures(snapshot.content, snapshot.threshold)


@lru_cache(maxsize=8)
def _stored_figures(content: str, threshold: float | None) -> dict[str, Figure]:
    at = "" if threshold is None else f"-{threshold:g}"
    name = f"{content}/figures{at}.json"
    keep(name, lambda: _dump(draw_figures(report_at(content, threshold))))
    return {
        key: Figure(key, alt_text, mark_safe(wide), mark_safe(narrow))
        for key, (alt_text, wide, narrow) in STORED_FIGURES.validate_json(read(name)).items()
    }


def _dump(figures: dict[str, Figure]) -> bytes:
    return STORED_FIGURES.dump_json(
        {key: (one.alt_text, str(one.wide), str(one.narrow)) for key, one in figures.items()}
    )


def standalone_page(report: StudyReport, figures: dict[str, Figure] | None = None) -> str:
    """The report as one HTML file that opens from disk: no script, link or picture.

    Args:
        figures: those of this report where they are drawn already; None draws them.
    """
    style = "\n".join((STATIC / name).read_text() for name in STYLE_SHEETS)
    context = {**report_context(report, figures), "style": mark_safe(style), "is_standalone": True}
    return render_to_string("results/standalone.html", context)


def _alt_text(report: StudyReport, figure: str) -> str:
    """Describe a figure in a few sentences; the table beside it has every number.

    Args:
        figure: a key of FIGURES.
    """
    labels = labels_in_prose(report.networks)
    sentences = [_sentence(labels[network.name], network, figure) for network in report.networks]
    start = "A chart by object class." if figure == "classes" else "A chart by layer."
    return " ".join([start, *sentences])


def _sentence(label: str, network: NetworkResult, figure: str) -> str:
    layers = [layer for layer in network.layers if layer.answered_unit_count]
    if not layers:
        return f"{label} has no answers yet."
    if figure == "curves":
        shares = (
            f"{percent(layer.share_of_units_above)} at {layer.display_name}" for layer in layers
        )
        return f"{label}, at the study's threshold: {', '.join(shares)}."
    if figure == "classes":
        classes = layers[-1].detectors.classes
        counts = ", ".join(f"{name} {count}" for name, count in classes) or "no object class"
        return f"{label} at {layers[-1].display_name}: {counts}."
    if figure == "precision":
        means = (f"{decimal(layer.mean_precision)} at {layer.display_name}" for layer in layers)
        return f"{label}: {', '.join(means)}."
    return f"{label}: {', '.join(_leading_group(layer, figure) for layer in layers)}."


def _leading_group(layer: LayerResult, rule: str) -> str:
    group_shares: GroupShares = getattr(layer, rule)
    shares = {group: share for group, share in group_shares.shares.items() if share is not None}
    if not shares:
        return f"nothing above the threshold at {layer.display_name}"
    group = max(shares, key=lambda group: (shares[group], -group))
    name = "no majority" if group == NO_MAJORITY else BAR_NAMES[group].lower()
    return f"mostly {name} ({percent(shares[group])}) at {layer.display_name}"
