"""The figures of a report as Vega-Lite charts.

A series is a network, or a chance control next to its network. Controls are drawn hollow and
dashed, and series differ in shape, so that color alone never tells them apart.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

import altair as alt
from altair.utils import schemapi

from annotator.results.output.figures.chart_parts import (
    Chart,
    as_number,
    chart_rows,
    cycled,
    hollow_controls,
    layer_axis,
    layer_names,
    padded_range,
    series_color,
    series_legend,
    series_names,
    styled_chart,
)
from annotator.results.output.figures.rendering import GRID, MUTED, SERIES
from annotator.results.output.formatting import BAR_NAMES, decimal, percent
from annotator.results.output.headlines import findings
from annotator.results.output.tables import (
    Cell,
    classes_table,
    curves_table,
    groups_table,
    precision_table,
)
from annotator.results.report.control_labels import control_names
from annotator.results.report.report import StudyReport

MAX_PANELS, MANY_PANELS = 3, 4  # networks side by side, in two rows at most; more than those
MAX_CLASSES = 20  # bars of the figure of object classes; its data have all
MAX_PANEL_PX = 620  # the legend needs it
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]

# Tests compare charts with the schema of Vega-Lite; to do so for each part of each chart that is
# built would take several times as long as building it.
schemapi.DEBUG_MODE = False
NO_DATA = alt.InlineData(values=[])  # until a figure is styled
Figure = Callable[[StudyReport, bool], Chart]


def precision_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Draw the figure of mean precision by layer: a line for each network and control."""
    names = series_names(report)
    table = precision_table(report)
    width = 300 if narrow else max(700, 40 * len(layer_names(report)))
    ends = [table.column(f"mean_precision{end}") for end in ("", "_low", "_high")]
    scale = alt.Scale(domain=padded_range(itertools.chain(*ends)))
    axis = alt.Axis(tickCount=5, title="Mean precision")
    rows = [
        {**row, "offset": 0.1 * names.index(str(row["series"])), "says": _mean_in_words(row)}
        for row in chart_rows(report, table)
    ]
    base = alt.Chart().encode(
        x=layer_axis(report, width),
        # Side by side, but close: overlapping intervals would hide each other.
        xOffset=alt.XOffset("offset:Q", scale=alt.Scale(domain=[-1, 1])),
        y=alt.Y("mean_precision:Q", scale=scale, axis=axis),
        color=series_color(report, width),
        description="says:N",
    )
    shapes = alt.Scale(domain=names, range=cycled(SHAPES, names))
    shape = alt.Shape("series:N", scale=shapes, legend=series_legend(names, width))
    low = alt.Y("mean_precision_low:Q", scale=scale, axis=axis)
    intervals = base.mark_rule(strokeWidth=2).encode(y=low, y2="mean_precision_high:Q")
    lines = base.mark_line(strokeWidth=2, aria=False)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(shape=shape)
    if control_names(report.networks):
        # Drawn as separate layers: a dash by series would break the legend's symbols too.
        dashed = base.mark_line(strokeWidth=2, strokeDash=[5, 4], aria=False)
        lines = lines.transform_filter("!datum.is_control") + dashed.transform_filter(
            "datum.is_control"
        )
        points = points.mark_point(size=80, opacity=1, strokeWidth=2).encode(
            **hollow_controls(report, width)
        )
    drawn = (intervals + lines + points).properties(width=width, height=220)
    return styled_chart(drawn, rows, report, narrow)


def groups_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Draw the figure of groups by layer: a panel for each network, a stacked bar for each layer.

    Like figure 8 of Zhou et al. 2015 (arXiv:1412.6856), by the rule named `groups`.
    """
    return _groups_figure(report, "groups", narrow)


def majority_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Draw the groups figure by majority of units, with a seventh part for no majority."""
    return _groups_figure(report, "groups_by_majority", narrow)


def curves_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Draw the figure of units above every threshold: a panel a layer, a line a network.

    The curves of one layer of all networks share a frame, those of networks with the intervals.
    """
    layers = layer_names(report)
    columns = 1 if narrow else min(len(layers), 2)
    width = 290 if narrow else 980 // columns - 80
    rows = [
        {**row, "says": _share_in_words(row)} for row in chart_rows(report, curves_table(report))
    ]
    axis = alt.Axis(format="%", tickCount=5)
    y = alt.Y("share_of_units_above:Q", title=None, axis=axis)
    x = alt.X("threshold:Q", title="Threshold", axis=alt.Axis(grid=False, tickCount=5))
    base = alt.Chart().encode(x=x, color=series_color(report))
    low = alt.Y("share_of_units_above_low:Q", title=None, axis=axis)
    bands = base.mark_area(opacity=0.15, aria=False).encode(y=low, y2="share_of_units_above_high:Q")
    lines = base.mark_line(strokeWidth=2, aria=False).encode(y=y)
    dashed = base.mark_line(strokeWidth=2, strokeDash=[5, 4], aria=False).encode(y=y)
    # A line has no value to hover; points that are not seen have.
    points = base.mark_point(filled=True, size=60, opacity=0).encode(y=y, description="says:N")
    points = points.transform_filter("round(100 * datum.threshold) % 5 == 0")
    own = alt.Chart().mark_rule(color=MUTED, strokeDash=[2, 3], aria=False)
    layered = alt.layer(
        bands.transform_filter("!datum.is_control"),
        lines.transform_filter("!datum.is_control"),
        dashed.transform_filter("datum.is_control"),
        own.encode(x=alt.datum(report.threshold)),
        points,
    ).properties(width=width, height=180)
    facet = alt.Facet("layer:N", sort=layers, title=None)
    drawn = layered.facet(facet=facet, data=NO_DATA, columns=columns)
    return styled_chart(drawn, rows, report, narrow)


def classes_figure(report: StudyReport, narrow: bool = False) -> Chart:
    """Draw the object classes by the number of units that detect them: a bar for each network.

    Of each network it shows the deepest layer with answers. Classes with most units come first.
    """
    names = series_names(report)
    shown = {(one.network.name, one.layer.name) for one in findings(report)}
    table = classes_table(report)
    rows = [
        {**row, "says": f"{row['series']}, {row['layer']}: {row['class']}, {row['unit_count']}"}
        for plain, row in zip(table.as_dicts(), chart_rows(report, table), strict=True)
        if (plain["network"], plain["layer"]) in shown
    ]
    totals: Counter[str] = Counter()
    for row in rows:
        totals[str(row["class"])] += int(row["unit_count"] or 0)
    classes = sorted(totals, key=lambda name: (-totals[name], name))[:MAX_CLASSES]
    values = [row for row in rows if row["class"] in classes]
    most = max((int(row["unit_count"] or 0) for row in values), default=1)
    axis = alt.Axis(tickCount=min(most, 8), format="d", title="Units that detect the class")
    bars = alt.Chart().mark_bar(stroke=MUTED, strokeWidth=0.5)
    drawn = bars.encode(
        x=alt.X("unit_count:Q", axis=axis),
        y=alt.Y("class:N", sort=classes, title=None, axis=alt.Axis(labelLimit=160)),
        yOffset=alt.YOffset("series:N", sort=names),
        color=series_color(report),
        description="says:N",
    )
    height = max(60, 12 * (len(names) + 1) * len(classes))
    drawn = drawn.properties(width=170 if narrow else 640, height=height)
    return styled_chart(drawn, values, report, narrow)


def _of_answered(figure: Figure) -> Figure:
    """The figure without networks that nobody has answered about: they have nothing to draw."""

    @wraps(figure)
    def drawn(report: StudyReport, narrow: bool = False) -> Chart:
        answered = (
            network
            for network in report.networks
            if any(layer.answered_unit_count for layer in network.layers)
        )
        return figure(replace(report, networks=tuple(answered) or report.networks), narrow)

    return drawn


# Drawn wide for a page and a file, or narrow for a phone.
FIGURES: dict[str, Figure] = {
    "precision": _of_answered(precision_figure),
    "groups": _of_answered(groups_figure),
    "groups_by_majority": _of_answered(majority_figure),
    "curves": _of_answered(curves_figure),
    "classes": _of_answered(classes_figure),
}


def _groups_figure(report: StudyReport, rule: str, narrow: bool) -> Chart:
    table = groups_table(report, rule)
    groups = [name for name in BAR_NAMES.values() if name in table.column("group")]
    rows = [
        {**row, "place": groups.index(str(row["group"])), "says": _group_in_words(row)}
        for row in chart_rows(report, table)
    ]
    networks = series_names(report)
    columns, height = _panels(len(networks), narrow)
    width = 280 if narrow else min(980 // columns - 60, MAX_PANEL_PX)
    colors = alt.Scale(domain=groups, range=[*SERIES, GRID][: len(groups)])
    bars = alt.Chart().mark_bar(stroke=MUTED, strokeWidth=0.5)
    drawn = bars.encode(
        x=layer_axis(report, width),
        y=alt.Y(
            "share:Q",
            title=None,
            axis=alt.Axis(format="%", tickCount=4),
            scale=alt.Scale(domain=[0, 1]),
        ),
        color=alt.Color(
            "group:N",
            scale=colors,
            legend=alt.Legend(
                title=None, orient="top", columns=1 if narrow else 3, columnPadding=40
            ),
        ),
        order=alt.Order("place:Q"),
        description="says:N",
        facet=alt.Facet("series:N", columns=columns, sort=networks, title=None),
    )
    drawn = drawn.properties(width=width, height=height)
    drawn = drawn.resolve_scale(x="independent")  # networks may have other layers
    header_px, panel_px = (11, None) if narrow else (12, width + 40)
    return styled_chart(drawn, rows, report, narrow, header_px, panel_px)


def _panels(networks: int, narrow: bool) -> tuple[int, int]:
    """How many panels of networks stand side by side, and the height of each."""
    if narrow:
        return 1, 120
    return (min(networks, MAX_PANELS), 180) if networks <= 2 * MAX_PANELS else (MANY_PANELS, 120)


def _mean_in_words(row: dict[str, Cell]) -> str:
    """What a mark of the precision figure says when it is pointed at."""
    mean, low, high = (as_number(row[f"mean_precision{end}"]) for end in ("", "_low", "_high"))
    ends = "" if low is None else f", 95 % interval {decimal(low)} to {decimal(high)}"
    return f"{row['series']}, {row['layer']}: {decimal(mean)}{ends}"


def _group_in_words(row: dict[str, Cell]) -> str:
    return f"{row['series']}, {row['layer']}: {row['group']} {percent(as_number(row['share']))}"


def _share_in_words(row: dict[str, Cell]) -> str:
    share = percent(as_number(row["share_of_units_above"]))
    return f"{row['series']}, {row['layer']}: {share} of units above {row['threshold']}"
