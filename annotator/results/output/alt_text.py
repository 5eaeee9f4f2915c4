"""What a figure shows, in a few sentences, for readers who do not see it."""

from annotator.results.output.formatting import BAR_NAMES, decimal, percent
from annotator.results.report.controls import labels_in_prose
from annotator.results.report.layer import LayerResult
from annotator.results.report.report import NetworkResult, StudyReport
from annotator.results.stats.groups import NO_MAJORITY, GroupShares


def alternative(report: StudyReport, figure: str) -> str:
    """The text alternative of a figure; the whole numbers are in the table beside it.

    Args:
        figure: a key of figures.FIGURES.
    """
    named = labels_in_prose(report.networks)
    told = [_told(named[network.name], network, figure) for network in report.networks]
    return " ".join(["A chart by layer.", *(sentence for sentence in told if sentence)])


def _told(name: str, network: NetworkResult, figure: str) -> str:
    layers = [layer for layer in network.layers if layer.answered_unit_count]
    if not layers:
        return f"{name} has no answers yet."
    if figure == "curves":
        told = (f"{percent(layer.share_of_units_above)} at {layer.name}" for layer in layers)
        return f"{name}, at the study's threshold: {', '.join(told)}."
    tell = _precision if figure == "precision" else _leading_groups
    return f"{name}: {', '.join(tell(layer, figure) for layer in layers)}."


def _precision(layer: LayerResult, figure: str) -> str:
    return f"{decimal(layer.mean_precision)} at {layer.name}"


def _leading_groups(layer: LayerResult, figure: str) -> str:
    found: GroupShares = getattr(layer, figure)
    shares = {group: share for group, share in found.shares.items() if share is not None}
    if not shares:
        return f"nothing above the threshold at {layer.name}"
    group = max(shares, key=lambda group: (shares[group], -group))
    name = "no majority" if group == NO_MAJORITY else BAR_NAMES[group].lower()
    return f"mostly {name} ({percent(shares[group])}) at {layer.name}"
