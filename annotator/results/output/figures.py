"""The figures of a report, drawn by Vega-Lite without a browser: SVG, PDF and PNG.

Every color in a chart is a marker that stands for a role (ink, grid, the first network...). A
page's SVG gets CSS variables in their place, so that one drawing serves light and dark; a file
gets the light values. The series are Okabe and Ito's palette, told apart by color-blind readers,
and differ in shape too. Chance controls are hollow and dashed.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from math import ceil, floor
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert

from annotator.results.output.formatting import BAR_NAMES
from annotator.results.output.palette import FONT, GRID, INK, MUTED, ROLES, SERIES, in_page_colors
from annotator.results.output.series import SHAPES, colors, cycled, hollow, legend_of, names_of
from annotator.results.output.tables import Cell, Table, curves_table, groups_table, precision_table
from annotator.results.report.controls import chart_labels, control_names
from annotator.results.report.report import StudyReport

LETTER_PX = 7  # of a label on an axis, about

Chart = alt.TopLevelMixin
FORMATS = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


def precision_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Mean precision by layer with its interval, a line for each network and control."""
    names = names_of(report)
    table = precision_table(report)
    width = 300 if narrow else max(560, 40 * len(_layer_names(report)))
    ends = [table.column(f"mean_precision{end}") for end in ("", "_low", "_high")]
    scale = alt.Scale(domain=_around(itertools.chain(*ends)))
    axis = alt.Axis(tickCount=5, title="Mean precision")
    rows = [{**row, "aside": 0.1 * names.index(str(row["series"]))} for row in _rows(report, table)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=_layers(report, width),
        # Side by side, and close: intervals of two networks would hide each other.
        xOffset=alt.XOffset("aside:Q", scale=alt.Scale(domain=[-1, 1])),
        y=alt.Y("mean_precision:Q", scale=scale, axis=axis),
        color=colors(report),
    )
    shapes = alt.Scale(domain=names, range=cycled(SHAPES, names))
    shape = alt.Shape("series:N", scale=shapes, legend=legend_of(names))
    low = alt.Y("mean_precision_low:Q", scale=scale, axis=axis)
    intervals = base.mark_rule(strokeWidth=2).encode(y=low, y2="mean_precision_high:Q")
    lines = base.mark_line(strokeWidth=2)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(shape=shape)
    if control_names(report.networks):
        # In layers of their own: a dash by series would fray the legend's symbols too.
        dashed = base.mark_line(strokeWidth=2, strokeDash=[5, 4])
        lines = lines.transform_filter("!datum.is_control") + dashed.transform_filter(
            "datum.is_control"
        )
        points = points.mark_point(size=80, opacity=1, strokeWidth=2).encode(**hollow(report))
    return _styled((intervals + lines + points).properties(width=width, height=220), report, narrow)


def groups_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Semantic groups by layer, a panel for each group and a bar for each network
    and control.

    Like figure 8 of Zhou et al. 2015 (arXiv:1412.6856), by the rule named `groups`.
    """
    return _groups_figure(report, "groups", 2 if narrow else 3, narrow)


def majority_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """The same by strict majority of the units above the threshold; a seventh panel for none."""
    return _groups_figure(report, "groups_by_majority", 2 if narrow else 4, narrow)


def curves_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """The share of units above every threshold, a line for each layer and a panel a network.

    A control's panel follows that of its network.
    """
    names = _layer_names(report)
    networks = names_of(report)
    columns = 1 if narrow else min(len(networks), 2)
    width = 290 if narrow else 980 // columns - 80
    data = alt.InlineData(values=_rows(report, curves_table(report)))
    y = alt.Y("share_of_units_above:Q", title=None, axis=alt.Axis(format="%", tickCount=5))
    base = alt.Chart()  # the panels have the data, each its own
    color = alt.Color(
        "layer:N",
        scale=alt.Scale(domain=names, range=cycled(SERIES, names)),
        legend=alt.Legend(title=None, orient="top", columns=2 if narrow else 6),
    )
    dashes = alt.StrokeDash("layer:N", scale=alt.Scale(domain=names), legend=None)
    x = alt.X("threshold:Q", title="Threshold", axis=alt.Axis(grid=False, tickCount=5))
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=color, strokeDash=dashes)
    own = base.mark_rule(color=MUTED, strokeDash=[2, 3], aria=False).encode(
        x=alt.datum(report.threshold)
    )
    layered = (lines + own).properties(width=width, height=180)
    facet = alt.Facet("series:N", sort=networks, title=None)
    return _styled(layered.facet(facet=facet, data=data, columns=columns), report, narrow)


# Each is drawn for a page and a file, or narrow, for a phone.
FIGURES: dict[str, Callable[[StudyReport, bool], Chart]] = {
    "precision": precision_figure,
    "groups": groups_figure,
    "groups_by_majority": majority_figure,
    "curves": curves_figure,
}


def for_page(chart: Chart) -> str:
    """A figure as SVG for a page that has results.css: its colors are the page's.

    The page tells what it shows in words, so that nothing inside says it again, mark by mark.
    """
    svg = str(vl_convert.vegalite_to_svg(chart.to_dict()))
    return in_page_colors(re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg))


def as_file(chart: Chart, kind: str) -> bytes:
    """A figure as a file; PNG at three times the size, enough for print.

    Args:
        kind: svg, pdf or png.
    """
    spec = _in_light(chart.to_dict())
    if kind == "svg":
        return vl_convert.vegalite_to_svg(spec).encode()
    if kind == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec))
    return bytes(vl_convert.vegalite_to_png(spec, scale=3))


def _groups_figure(report: StudyReport, rule: str, columns: int, narrow: bool) -> Chart:
    table = groups_table(report, rule)
    panels = [name for name in BAR_NAMES.values() if name in set(table.column("group"))]
    width = 140 if narrow else 980 // columns - 45
    bars = alt.Chart(alt.InlineData(values=_rows(report, table))).mark_bar()
    drawn = bars.encode(
        x=_layers(report, width),
        xOffset=alt.XOffset("series:N", sort=names_of(report)),
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4)),
        color=colors(report),
        facet=alt.Facet("group:N", columns=columns, sort=panels, title=None),
    )
    if control_names(report.networks):
        drawn = drawn.mark_bar(strokeWidth=1.5).encode(**hollow(report))
    drawn = drawn.properties(width=width, height=110 if narrow else 140)
    return _styled(drawn, report, narrow, header_px=10 if narrow else 12)


def _rows(report: StudyReport, table: Table) -> list[dict[str, Cell]]:
    """A table's rows, each with what its network is called in a figure, and is."""
    called, controls = chart_labels(report.networks), control_names(report.networks)
    return [
        {**row, "series": called[str(row["network"])], "is_control": row["network"] in controls}
        for row in table.as_dicts()
    ]


def _layers(report: StudyReport, width: int) -> alt.X:
    names = _layer_names(report)
    letters = max(map(len, names), default=0) + 1
    crowded = letters * LETTER_PX * len(names) > width
    axis = alt.Axis(labelAngle=-60 if crowded else 0, labelLimit=120, labelOverlap=False)
    return alt.X("layer:N", sort=names, title=None, axis=axis)


def _around(values: Iterable[Cell]) -> list[float]:
    """A part of 0..1 in tenths that leaves a tenth or more around what is there."""
    there = [value for value in values if isinstance(value, float)] or [0.0, 1.0]
    low, high = floor(10 * min(there)) / 10 - 0.1, ceil(10 * max(there)) / 10 + 0.1
    return [round(max(low, 0), 1), round(min(high, 1), 1)]


def _layer_names(report: StudyReport) -> list[str]:
    layers = (layer.name for network in report.networks for layer in network.layers)
    return list(dict.fromkeys(layers))


def _styled(chart: Any, report: StudyReport, narrow: bool, header_px: int = 12) -> Chart:
    """The look of every figure, which says above all that no people answered where none did."""
    if report.notice:
        lines = wrap(f"{report.notice}.".capitalize(), 45 if narrow else 120)
        chart = chart.properties(title=alt.Title(lines, anchor="start", frame="group"))
    widest_px = 250 if narrow else 640  # of a label; a control is called by its network too
    styled: Chart = (
        chart.configure(background="transparent", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED,
            titleColor=INK,
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
            labelFontSize=12,
            titleFontSize=13,
            titleFontWeight="normal",
        )
        .configure_title(color=MUTED, fontSize=12, fontWeight="normal")
        .configure_axisX(grid=False)
        .configure_header(
            labelColor=INK, labelFontSize=header_px, labelAnchor="start", labelLimit=widest_px
        )
        .configure_legend(labelColor=INK, labelFontSize=13, labelLimit=widest_px, symbolSize=90)
        .configure_facet(spacing=18)
        .configure_point(color=SERIES[0])
    )
    return styled


def _in_light(spec: Any) -> Any:
    """The spec with every marker replaced by its light value, on white."""
    if isinstance(spec, dict):
        return {key: _in_light(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_in_light(value) for value in spec]
    if spec == "transparent":
        return "white"
    return ROLES[spec][1] if isinstance(spec, str) and spec in ROLES else spec
