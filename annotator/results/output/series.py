"""The series of a figure: a network each, and a chance control beside its network.

A control is drawn hollow and dashed, so that color is never all that tells it apart.
"""

from typing import Any

import altair as alt

from annotator.results.output.palette import SERIES
from annotator.results.report.controls import chart_labels, control_names
from annotator.results.report.report import StudyReport

HOLLOW = "transparent"  # a file's background: see figures.as_file
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]


def names_of(report: StudyReport) -> list[str]:
    """What the networks are called, in their order."""
    return list(chart_labels(report.networks).values())


def colors(report: StudyReport) -> alt.Color:
    names = names_of(report)
    return alt.Color("series:N", scale=_scale(names, _hues(report)), legend=legend_of(names))


def hollow(report: StudyReport) -> dict[str, Any]:
    """Channels that draw networks filled, and controls as outlines: in the legend too."""
    names, hues, controls = names_of(report), _hues(report), control_names(report.networks)
    fills = [
        HOLLOW if one.name in controls else hue
        for one, hue in zip(report.networks, hues, strict=True)
    ]
    legend = legend_of(names)
    return {
        "color": alt.Undefined,
        "fill": alt.Fill("series:N", scale=_scale(names, fills), legend=legend),
        "stroke": alt.Stroke("series:N", scale=_scale(names, hues), legend=legend),
    }


def _hues(report: StudyReport) -> list[str]:
    """The color of each series. Controls come last, so that they change no network's color."""
    names, called = names_of(report), chart_labels(report.networks)
    controls = {called[name] for name in control_names(report.networks)}
    order = sorted(names, key=lambda name: name in controls)
    of_name = dict(zip(order, cycled(SERIES, order), strict=True))
    return [of_name[name] for name in names]


def _scale(names: list[str], values: list[str]) -> alt.Scale:
    return alt.Scale(domain=names, range=values)


def cycled(values: list[str], names: list[str]) -> list[str]:
    return [values[i % len(values)] for i in range(len(names))]


def legend_of(names: list[str]) -> alt.Legend | None:
    return alt.Legend(title=None, orient="top", columns=1) if len(names) > 1 else None
