"""Statements about a kind of network: training runs are the units of inference.

One pair of weights supports a statement about these weights. "Scene networks are more precise"
is one about how networks of that kind come out of training, so runs with several seeds are
compared, by their means alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum, sqrt

from django.utils.translation import gettext as _

from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.reported_numbers.entries import number_named
from annotator.results.report.reported_numbers.layer import LAYER
from annotator.results.stats.intervals import LEVEL, Interval
from annotator.results.stats.intervals.exact import interval_of_alike
from annotator.results.stats.student_t import LEAST_P, t_quantile, t_upper_tail

MIN_RUNS = 3
# What follows the name of a kind in the name of a training run: "alexnet, seed 1", "alexnet run 2".
# A number alone may as well tell an architecture: "resnet 18", "resnet 50".
RUN = re.compile(r"(?:[\s,_#-]+(?:seed|run)[\s_#-]*\d+)?\Z", re.IGNORECASE)
HAVE_RUNS = frozenset({"trained", "untrained"})  # conditions; others are drawn from one network
NUMBERS = ("mean_precision", "share_of_units_above", "detector_share")


class NotOffered(Exception):
    """A statement about a kind cannot be made; the message says why, and the way out."""


@dataclass(frozen=True, slots=True)
class KindStatement:
    """One number of one layer of a kind of network, or its difference between two kinds.

    Attributes:
        kind, other: their names; `other` is None where the number is of one kind.
        value: the mean over runs, or the first kind's minus the other's.
        runs, other_runs: how many training runs each has.
        interval: 95 % interval over runs, by Student's t, of a difference by Welch's; None where
            all runs have one value between 0 and 1.
        freedom: its degrees of freedom.
        p: two-sided, of a difference.
    """

    layer: str
    number: str
    kind: str
    other: str | None
    value: float
    interval: Interval | None
    freedom: float
    p: float | None
    runs: int
    other_runs: int | None = None


@dataclass(frozen=True, slots=True)
class KindsInReport:
    """What a report says of the kinds of networks that it has several training runs of.

    Attributes:
        statements: about the kinds with enough runs.
        layer_names: what pages call the layers of the statements.
        refusals: one sentence for each kind, or all, about which nothing is stated.
    """

    statements: tuple[KindStatement, ...]
    layer_names: Mapping[str, str]
    refusals: tuple[str, ...]

    @property
    def headlines(self) -> tuple[KindStatement, ...]:
        """The mean precision of the deepest layer: each kind's, then each two kinds' difference."""
        deepest = self.statements[-1].layer if self.statements else None
        return tuple(
            one for one in self.statements if (one.layer, one.number) == (deepest, NUMBERS[0])
        )


def kinds_in(networks: Iterable[NetworkResult]) -> dict[str, list[NetworkResult]]:
    """The networks of a report that are training runs of one kind, by its name.

    They are trained, or untrained, alike; their names differ only in "seed N" or "run N" at the
    end; and their weights differ. A kind has at least two.
    """
    kinds: dict[str, dict[object, NetworkResult]] = {}
    for network in networks:
        if network.condition in HAVE_RUNS:
            kind = RUN.sub("", network.display_name or network.name)
            if network.condition not in kind and network.condition != "trained":
                kind = f"{kind}, {network.condition}"
            runs = kinds.setdefault(kind, {})
            runs.setdefault(network.weights_sha256 or id(network), network)
    return {kind: list(runs.values()) for kind, runs in kinds.items() if len(runs) > 1}


def kinds_in_report(networks: Iterable[NetworkResult]) -> KindsInReport | None:
    """The statements about the kinds of networks in a report; None if no kind has two runs."""
    kinds = kinds_in(networks)
    refusals = [few_runs(kind, runs) for kind, runs in kinds.items() if len(runs) < MIN_RUNS]
    enough = {kind: runs for kind, runs in kinds.items() if len(runs) >= MIN_RUNS}
    try:
        statements = kind_statements(enough) if enough else ()
    except NotOffered as error:
        statements = ()
        refusals.append(str(error))
    if not kinds:
        return None
    first = next(iter(kinds.values()))[0]
    layer_names = {layer.name: layer.display_name for layer in first.layers}
    return KindsInReport(statements, layer_names, tuple(refusals))


def few_runs(kind: str, runs: Sequence[object]) -> str:
    """Why nothing is stated about a kind with so few training runs, and the way out."""
    return _(
        "A statement about %(kind)r needs at least %(min_runs)s training runs, got %(run_count)s: "
        "add networks of that kind, trained with other seeds, or compare these weights as they "
        "are."
    ) % {"kind": kind, "min_runs": MIN_RUNS, "run_count": len(runs)}


def refuse_few_runs(kinds: Mapping[str, Sequence[object]]) -> None:
    """Refuse kinds with too few training runs for a statement.

    Raises:
        NotOffered: a kind has fewer than MIN_RUNS.
    """
    for kind, runs in kinds.items():
        if len(runs) < MIN_RUNS:
            raise NotOffered(few_runs(kind, runs))


def kind_statements(kinds: Mapping[str, Sequence[NetworkResult]]) -> tuple[KindStatement, ...]:
    """Every statement about kinds of networks: each kind's numbers, then each two kinds'.

    Layers stand for each other by name; those that some run has no answers about are left out.

    Args:
        kinds: the training runs of each kind, by its name.

    Raises:
        NotOffered: a kind has too few runs, two runs have the same weights, or no layer is common.
    """
    refuse_few_runs(kinds)
    _refuse_same_weights(kinds)
    layers = {kind: _answered_layers(runs) for kind, runs in kinds.items()}
    common = [
        name
        for name in next(iter(layers.values()))
        if all(name in of_kind for of_kind in layers.values())
    ]
    if not common:
        raise NotOffered(_("No layer has answers in every run: the runs need layers of one name."))
    return tuple(_statements(layers, common))


def runs_interval(values: Sequence[float]) -> tuple[Interval | None, float]:
    """The interval of a kind's mean over its training runs, and the degrees of freedom.

    Where every run has 0, or every one 1, the runs are counted (Clopper and Pearson).
    """
    center, variance, freedom = _moments(values)
    if not variance:
        alike = interval_of_alike(center, len(values)) if center in (0.0, 1.0) else None
        return alike, freedom
    half_width = t_quantile((1 + LEVEL) / 2, freedom) * sqrt(variance)
    return Interval(max(center - half_width, 0.0), min(center + half_width, 1.0)), freedom


def welch(
    first: Sequence[float], second: Sequence[float]
) -> tuple[Interval | None, float, float | None]:
    """Compare two kinds over their training runs: (interval, degrees of freedom, two-sided p).

    Welch 1947, doi:10.1093/biomet/34.1-2.28. Nothing is claimed where no run differs from another.
    """
    (one, of_one, freedom_one), (two, of_two, freedom_two) = map(_moments, (first, second))
    variance = of_one + of_two
    if not variance:
        return None, freedom_one + freedom_two, None
    freedom = variance**2 / (of_one**2 / freedom_one + of_two**2 / freedom_two)
    error = sqrt(variance)
    half_width = t_quantile((1 + LEVEL) / 2, freedom) * error
    p = min(max(2 * t_upper_tail(abs(one - two) / error, freedom), LEAST_P), 1.0)
    return Interval(one - two - half_width, one - two + half_width), freedom, p


def _moments(values: Sequence[float]) -> tuple[float, float, float]:
    """(mean, variance of the mean, degrees of freedom)"""
    n = len(values)
    if min(values) == max(values):  # rounding makes no variance
        return values[0], 0.0, float(n - 1)
    center = fsum(values) / n
    return center, fsum((value - center) ** 2 for value in values) / ((n - 1) * n), float(n - 1)


def _answered_layers(runs: Iterable[NetworkResult]) -> dict[str, list[LayerResult]]:
    """The layers that every run has answers about, by name, each with its result in each run."""
    of_runs = [
        {layer.name: layer for layer in run.layers if layer.answered_unit_count} for run in runs
    ]
    common = [name for name in of_runs[0] if all(name in run for run in of_runs)]
    return {name: [run[name] for run in of_runs] for name in common}


def _statements(
    layers: Mapping[str, Mapping[str, Sequence[LayerResult]]], common: Sequence[str]
) -> Iterator[KindStatement]:
    for name in common:
        for number in NUMBERS:
            of_layer = number_named(LAYER, number).value
            values = {
                kind: [of_layer(layer) or 0.0 for layer in of_kind[name]]
                for kind, of_kind in layers.items()
            }
            for kind, own in values.items():
                mean = fsum(own) / len(own)
                of_kind = (*runs_interval(own), None, len(own))
                yield KindStatement(name, number, kind, None, mean, *of_kind)
            for kind, other in combinations(values, 2):
                first, second = values[kind], values[other]
                difference = fsum(first) / len(first) - fsum(second) / len(second)
                yield KindStatement(
                    *(name, number, kind, other, difference),
                    *welch(first, second),
                    len(first),
                    len(second),
                )


def _refuse_same_weights(kinds: Mapping[str, Sequence[NetworkResult]]) -> None:
    """Refuse a network that is named twice, under whatever name: it is one training run."""
    names: dict[object, str] = {}
    for run in (run for runs in kinds.values() for run in runs):
        weights = run.weights_sha256 or id(run)
        if weights in names:
            raise NotOffered(
                f"{names[weights]!r} and {run.name!r} have the same weights, so they are one "
                "training run: name one of them."
            )
        names[weights] = run.name
