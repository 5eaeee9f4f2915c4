"""The figures of a report's page: SVG and a description, drawn once for each snapshot."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from pydantic import TypeAdapter

from annotator.models import Snapshot
from annotator.results.output.figures.rendering import chart_for_page
from annotator.results.output.formatting import BAR_NAMES, decimal, percent
from annotator.results.output.snapshots.stored_reports import report_at
from annotator.results.report.control_labels import labels_in_prose
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.storage import keep, read

STORED_FIGURES = TypeAdapter(dict[str, tuple[str, str, str]])  # alt text, wide, narrow


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, drawn wide for a page and narrow for a phone."""

    name: str
    alt_text: str
    wide: SafeString
    narrow: SafeString


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


def draw_figures(report: StudyReport) -> dict[str, Figure]:
    """The figures for the HTML of a report, drawn inline, by name; none without answers."""
    # Imported here: a page that only reads never waits for the libraries that draw.
    from annotator.results.output.figures.charts import FIGURES

    return {name: draw_figure(report, name) for name in FIGURES} if report.answer_count else {}


def draw_figure(report: StudyReport, name: str) -> Figure:
    from annotator.results.output.figures.charts import FIGURES

    wide = chart_for_page(FIGURES[name](report, False))
    narrow = chart_for_page(FIGURES[name](report, True))
    # Safe: drawn here from numbers and from names that the library escapes.
    return Figure(name, _alt_text(report, name), mark_safe(wide), mark_safe(narrow))


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
