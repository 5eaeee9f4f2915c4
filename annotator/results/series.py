"""The series of a figure: a network each, and a chance control beside its network.

A control is drawn hollow and dashed, so that color is never all that tells it apart.
"""

from typing import Any

import altair as alt

from annotator.results.controls import controls_in, labels
from annotator.results.report import StudyReport
from annotator.results.roles import SERIES

SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]


def names_of(report: StudyReport) -> list[str]:
    """What the networks are called, in their order."""
    return list(labels(report.networks).values())


def colors(report: StudyReport) -> alt.Color:
    names = names_of(report)
    return alt.Color("series:N", scale=_hues(report), legend=legend_of(names))


def _hues(report: StudyReport) -> alt.Scale:
    """A color for each series. Controls come last, so that they change no network's color."""
    names, called = names_of(report), labels(report.networks)
    controls = {called[name] for name in controls_in(report.networks)}
    order = sorted(names, key=lambda name: name in controls)
    of_name = dict(zip(order, cycled(SERIES, order), strict=True))
    return alt.Scale(domain=names, range=[of_name[name] for name in names])


def hollow(report: StudyReport) -> dict[str, Any]:
    """Channels that draw networks filled, and controls as outlines with a light filling."""
    names = names_of(report)
    # Ordinal, or it would be taken for a band from the first value to the last.
    filled = alt.Scale(type="ordinal", domain=names, range=_of_controls(report, 1.0, 0.15))
    legend = legend_of(names)
    return {
        "color": alt.Undefined,
        "fill": alt.Fill("series:N", scale=_hues(report), legend=legend),
        "stroke": alt.Stroke("series:N", scale=_hues(report), legend=None),
        "fillOpacity": alt.FillOpacity("series:N", scale=filled, legend=None),
    }


def _of_controls(report: StudyReport, of_network: Any, of_control: Any) -> list[Any]:
    controls = controls_in(report.networks)
    return [of_control if one.name in controls else of_network for one in report.networks]


def cycled(values: list[str], names: list[str]) -> list[str]:
    return [values[i % len(values)] for i in range(len(names))]


def legend_of(names: list[str]) -> alt.Legend | None:
    return alt.Legend(title=None, orient="top", columns=1) if len(names) > 1 else None
