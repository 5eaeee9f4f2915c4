"""What the charts of a report share: series and their colors, axes, rows, and the common look."""

from collections.abc import Iterable
from math import ceil, floor
from textwrap import wrap
from typing import Any

import altair as alt

from annotator.results.output.figures.rendering import FONT, GRID, INK, MUTED, SERIES, TRANSPARENT
from annotator.results.output.tables import Cell, Table
from annotator.results.report.control_labels import chart_labels, control_names
from annotator.results.report.report import StudyReport

LETTER_PX = 7  # about the width of a letter in an axis label
LEGEND_LETTER_PX, SYMBOL_PX = 6.5, 30  # about the same in a legend; its symbols and gaps
FEW = 4  # series; more of them are drawn in less room
Chart = alt.TopLevelMixin


def series_names(report: StudyReport) -> list[str]:
    return list(chart_labels(report.networks).values())


def series_colors(report: StudyReport) -> list[str]:
    """The color of each series. Controls get theirs last, so they change no network's color."""
    names, labels = series_names(report), chart_labels(report.networks)
    controls = {labels[name] for name in control_names(report.networks)}
    order = sorted(names, key=lambda name: name in controls)
    color_of = dict(zip(order, cycled(SERIES, order), strict=True))
    return [color_of[name] for name in names]


def series_color(report: StudyReport, width: int = 0) -> alt.Color:
    names = series_names(report)
    scale = alt.Scale(domain=names, range=series_colors(report))
    return alt.Color("series:N", scale=scale, legend=series_legend(names, width))


def hollow_controls(report: StudyReport, width: int = 0) -> dict[str, Any]:
    """Channels that fill networks and outline controls, in the legend too."""
    names, colors = series_names(report), series_colors(report)
    controls = control_names(report.networks)
    fills = [
        TRANSPARENT if network.name in controls else color
        for network, color in zip(report.networks, colors, strict=True)
    ]
    legend = series_legend(names, width)
    return {
        "color": alt.Undefined,
        "fill": alt.Fill("series:N", scale=alt.Scale(domain=names, range=fills), legend=legend),
        "stroke": alt.Stroke(
            "series:N", scale=alt.Scale(domain=names, range=colors), legend=legend
        ),
    }


def series_legend(names: list[str], width: int = 0) -> alt.Legend | None:
    """The legend of the series, one below the other.

    Args:
        width: of the chart; so many of them that a page becomes long stand side by side in it.
    """
    if len(names) < 2:
        return None
    label_px = LEGEND_LETTER_PX * max(map(len, names)) + SYMBOL_PX
    columns = max(1, int(width / label_px)) if len(names) > FEW else 1
    return alt.Legend(title=None, orient="top", columns=columns)


def cycled(values: list[str], names: list[str]) -> list[str]:
    return [values[i % len(values)] for i in range(len(names))]


def layer_names(report: StudyReport) -> list[str]:
    layers = (layer.display_name for network in report.networks for layer in network.layers)
    return list(dict.fromkeys(layers))


def layer_axis(report: StudyReport, width: int) -> alt.X:
    names = layer_names(report)
    letters = max(map(len, names), default=0) + 1
    crowded = letters * LETTER_PX * len(names) > width
    axis = alt.Axis(labelAngle=-60 if crowded else 0, labelLimit=120, labelOverlap=False)
    return alt.X("layer:N", sort=names, title=None, axis=axis)


def chart_rows(report: StudyReport, table: Table) -> list[dict[str, Cell]]:
    """The data of a chart: a table's rows, with network labels, and whether each is a control."""
    labels, controls = chart_labels(report.networks), control_names(report.networks)
    layers = {
        (network.name, layer.name): layer.display_name
        for network in report.networks
        for layer in network.layers
    }
    return [
        {
            **row,
            "layer": layers[str(row["network"]), str(row["layer"])],
            "series": labels[str(row["network"])],
            "is_control": row["network"] in controls,
        }
        for row in table.as_dicts()
    ]


def as_number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def padded_range(values: Iterable[Cell]) -> list[float]:
    """The range of some values, in tenths from 0 to 1, with a margin of at least a tenth."""
    present = [value for value in values if isinstance(value, float)] or [0.0, 1.0]
    low, high = floor(10 * min(present)) / 10 - 0.1, ceil(10 * max(present)) / 10 + 0.1
    return [round(max(low, 0), 1), round(min(high, 1), 1)]


def styled_chart(
    chart: Any,
    rows: list[dict[str, Cell]],
    report: StudyReport,
    narrow: bool,
    header_px: int = 12,
    panel_px: int | None = None,
) -> Chart:
    """Give a figure its data and the common look. A title says if the answers are simulated.

    Args:
        panel_px: the width of a panel; the text over it is not longer. None where it has room.

    Call it last: every other change of a chart copies its data and its look.
    """
    chart.data = alt.InlineData(values=rows)
    chart.config = _look(250 if narrow else 640, header_px, panel_px)
    if report.notice:
        lines = wrap(f"{report.notice}.".capitalize(), 45 if narrow else 120)
        chart.title = alt.Title(lines, anchor="start", frame="group")
    styled: Chart = chart
    return styled


def _look(label_px: int, header_px: int, panel_px: int | None) -> alt.Config:
    """The common look.

    Args:
        label_px: the width of a label; that of a control names its network too.
        header_px: the size of the text over a panel.
    """
    return alt.Config(
        background="transparent",
        font=FONT,
        padding=4,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=MUTED,
            titleColor=INK,
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
            labelFontSize=12,
            titleFontSize=13,
            titleFontWeight="normal",
        ),
        title=alt.TitleConfig(color=MUTED, fontSize=12, fontWeight="normal"),
        axisX=alt.AxisConfig(grid=False),
        header=alt.HeaderConfig(
            labelColor=INK,
            labelFontSize=header_px,
            labelAnchor="start",
            labelLimit=panel_px or label_px,
        ),
        legend=alt.LegendConfig(
            labelColor=INK, labelFontSize=13, labelLimit=label_px, symbolSize=90
        ),
        facet=alt.CompositionConfig(spacing=18),
        point=alt.MarkConfig(color=SERIES[0]),
    )
