"""The result of each network of a study: its layers in order, and its controls after it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotator.concept_words import Normalise
from annotator.results.loading.answers import AnswerRow, by_unit
from annotator.results.loading.assignments import AssignmentCounts, AssignmentRow, assignment_counts
from annotator.results.loading.layout import NetworkRow
from annotator.results.loading.marks import Marks
from annotator.results.loading.report_data import ReportData
from annotator.results.loading.variants import VARIANTS, AnswerSplit
from annotator.results.report.comparison.comparability import comparability
from annotator.results.report.control_labels import grouped_with_controls
from annotator.results.report.layer import (
    ControlAnswers,
    LayerInputs,
    LayerKey,
    LayerResult,
    UnitAnswers,
    layer_result,
)
from annotator.results.stats.dawid_skene import ProbableGroup, probable_groups


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """One network.

    Attributes:
        workers_are_places: its answers do not say who gave them.
        condition: trained, directions, random directions, random images or untrained.
        control_of: the network whose chance control it is, by name; else None.
        display_name, slug: as in NetworkRow.
    """

    name: str
    spec: str
    weights_sha256: str
    workers_are_places: bool
    layers: tuple[LayerResult, ...]
    condition: str = "trained"
    control_of: str | None = None
    display_name: str = ""
    slug: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether a second round verified any of its concepts."""
        return any(layer.verified for layer in self.layers)


@dataclass(frozen=True, slots=True)
class NetworkInputs:
    """What the layers of a report are computed from: LayerInputs, for all layers at once."""

    answers: Mapping[LayerKey, UnitAnswers]
    assignments: Mapping[LayerKey, Mapping[int, AssignmentCounts]]
    later_answers: Mapping[LayerKey, UnitAnswers]
    variants: Mapping[str, Mapping[LayerKey, UnitAnswers]]
    marks: Marks
    probable_groups: Mapping[LayerKey, Mapping[int, ProbableGroup]]

    def of_layer(self, key: LayerKey, controls: Mapping[str, str | None]) -> LayerInputs:
        """What one layer is computed from.

        Args:
            controls: chance controls of its network, by name; and why one is not compared with it.
        """
        return LayerInputs(
            answers=self.answers.get(key, {}),
            assignments=self.assignments.get(key, {}),
            later_answers=self.later_answers.get(key, {}),
            variants={name: answers.get(key, {}) for name, answers in self.variants.items()},
            marks=self.marks,
            probable_groups=self.probable_groups.get(key, {}),
            controls={
                name: ControlAnswers(self.answers.get((name, key[1]), {}), why_not)
                for name, why_not in controls.items()
            },
        )

    def about(self, *networks: str) -> Iterator[AnswerRow]:
        """The answers about some networks."""
        for (network, _), units in self.answers.items():
            if network in networks:
                for answers in units.values():
                    yield from answers


def network_inputs(
    data: ReportData,
    assignments: Iterable[AssignmentRow],
    answers: AnswerSplit,
    variants: Mapping[str, AnswerSplit],
) -> NetworkInputs:
    """The inputs of networks' results: one crowd's answers and assignments by layer and unit.

    Args:
        answers: those of the variant that the report is about.
        variants: those of every variant, by key of VARIANTS.
    """
    counts_by_layer: dict[LayerKey, dict[int, AssignmentCounts]] = {}
    for name, counts in assignment_counts(assignments).items():
        counts_by_layer.setdefault((name.network, name.layer), {})[name.unit] = counts
    return NetworkInputs(
        answers=by_layer(answers.analysed),
        assignments=counts_by_layer,
        later_answers=by_layer(row for row, reason in answers.excluded if reason == "later"),
        variants={name: by_layer(variants[name].analysed) for name in VARIANTS},
        marks=data.marks,
        probable_groups=_probable_groups(data, answers.analysed),
    )


def by_layer(rows: Iterable[AnswerRow]) -> dict[LayerKey, dict[int, list[AnswerRow]]]:
    """Group the answers that a network's result is made of by layer and unit.

    Answers are sorted first, so that sums round alike in whatever order they were loaded.
    """
    layers: dict[LayerKey, dict[int, list[AnswerRow]]] = {}
    in_order = sorted(rows, key=lambda row: (*row.unit_name, row.worker, row.answer))
    for name, answers in by_unit(in_order).items():
        layers.setdefault((name.network, name.layer), {})[name.unit] = answers
    return layers


def network_results(
    data: ReportData, inputs: NetworkInputs, normalise: Normalise
) -> tuple[NetworkResult, ...]:
    """Compute the result of every network, in layout order, each followed by its controls."""
    return tuple(
        NetworkResult(
            name=network.name,
            spec=network.spec,
            weights_sha256=network.weights_sha256,
            workers_are_places=network.workers_are_places,
            layers=tuple(_layer_results(network, data, inputs, normalise)),
            condition=network.condition,
            control_of=network.control_of,
            display_name=network.display_name,
            slug=network.slug,
        )
        for network in grouped_with_controls(data.layout)
    )


def _layer_results(
    network: NetworkRow, data: ReportData, inputs: NetworkInputs, normalise: Normalise
) -> Iterable[LayerResult]:
    controls = {
        control.name: comparability(
            network, control, data.image_list_sha256, inputs.about(network.name, control.name)
        ).why_not
        for control in data.layout
        if control.control_of == network.name
    }
    for layer in network.layers:
        yield layer_result(
            layer,
            inputs.of_layer((network.name, layer.name), controls),
            data.threshold,
            normalise,
            network.workers_are_places,
        )


def _probable_groups(
    data: ReportData, rows: Iterable[AnswerRow]
) -> dict[LayerKey, dict[int, ProbableGroup]]:
    """Groups by Dawid and Skene; a worker has one error matrix over all layers and networks."""
    nameless = {network.name for network in data.layout if network.workers_are_places}
    by_known_workers = [row for row in rows if row.network not in nameless]
    layers: dict[LayerKey, dict[int, ProbableGroup]] = {}
    for name, group in probable_groups(by_known_workers).items():
        layers.setdefault((name.network, name.layer), {})[name.unit] = group
    return layers
