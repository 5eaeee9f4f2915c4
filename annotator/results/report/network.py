"""The result of each network of a study: its layers, in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.concept_words import Normalise
from annotator.results.loading.answers import AnswerRow, by_unit
from annotator.results.loading.assignments import AssignmentCounts, assignment_counts
from annotator.results.loading.layout import LayerRow, NetworkRow
from annotator.results.loading.marks import Marks
from annotator.results.loading.report_data import ReportData
from annotator.results.loading.variants import VARIANTS, AnswerSplit
from annotator.results.report.controls import grouped_with_controls
from annotator.results.report.layer import Answers, LayerInputs, LayerResult, layer_result
from annotator.results.stats.dawid_skene import ProbableGroup, probable_groups

Place = tuple[str, str]  # network, layer


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """One network.

    Attributes:
        workers_are_places: its answers do not say who gave them.
        condition: trained, directions, random directions, random images or untrained.
        control_of: the network whose chance control it is, by name; else None.
    """

    name: str
    spec: str
    weights_sha256: str
    workers_are_places: bool
    layers: tuple[LayerResult, ...]
    condition: str = "trained"
    control_of: str | None = None

    @property
    def is_verified(self) -> bool:
        """Whether a second round verified some concept of it."""
        return any(layer.verified for layer in self.layers)


@dataclass(frozen=True, slots=True)
class NetworkInputs:
    """The answers of a report by layer, and what stands beside them."""

    answers: Mapping[Place, Answers]
    tries: Mapping[Place, Mapping[int, AssignmentCounts]]
    later: Mapping[Place, Answers]
    variants: Mapping[str, Mapping[Place, Answers]]
    marks: Marks
    guesses: Mapping[Place, Mapping[int, ProbableGroup]]

    def beside(self, at: Place) -> LayerInputs:
        variants = {name: of_layers.get(at, {}) for name, of_layers in self.variants.items()}
        return LayerInputs(
            tries=self.tries.get(at, {}),
            later=self.later.get(at, {}),
            variants=variants,
            marks=self.marks,
            guesses=self.guesses.get(at, {}),
        )


def network_inputs(
    material: ReportData, answers: AnswerSplit, variants: Mapping[str, AnswerSplit], crowd: str
) -> NetworkInputs:
    """Lay out one crowd's answers by layer and unit.

    Args:
        answers: what the report analyses.
        variants: what it would by each rule of VARIANTS.
    """
    of_units: dict[Place, dict[int, AssignmentCounts]] = {}
    own = [row for row in material.assignments if row.crowd == crowd]
    for name, of_unit in assignment_counts(own).items():
        of_units.setdefault((name.network, name.layer), {})[name.unit] = of_unit
    return NetworkInputs(
        answers=by_layer(answers.analysed),
        tries=of_units,
        later=by_layer(row for row, why in answers.excluded if why == "later"),
        variants={name: by_layer(variants[name].analysed) for name in VARIANTS},
        marks=material.marks,
        guesses=_guesses(material, answers.analysed),
    )


def _guesses(
    material: ReportData, rows: Iterable[AnswerRow]
) -> dict[Place, dict[int, ProbableGroup]]:
    """Groups by Dawid and Skene, workers being the same in all layers and networks."""
    nameless = {network.name for network in material.layout if network.workers_are_places}
    found: dict[Place, dict[int, ProbableGroup]] = {}
    for name, guess in probable_groups(
        [row for row in rows if row.network not in nameless]
    ).items():
        found.setdefault((name.network, name.layer), {})[name.unit] = guess
    return found


def by_layer(rows: Iterable[AnswerRow]) -> dict[Place, dict[int, list[AnswerRow]]]:
    """The answers by layer and unit, in one order, so that sums round alike however they come."""
    found: dict[Place, dict[int, list[AnswerRow]]] = {}
    for name, of_unit in by_unit(sorted(rows, key=_order)).items():
        found.setdefault((name.network, name.layer), {})[name.unit] = of_unit
    return found


def network_results(
    material: ReportData, found: NetworkInputs, normalise: Normalise
) -> tuple[NetworkResult, ...]:
    """Every network of a study with its layers, in the order of its layout, controls beside it."""
    return tuple(
        NetworkResult(
            name=network.name,
            spec=network.spec,
            weights_sha256=network.weights_sha256,
            workers_are_places=network.workers_are_places,
            layers=tuple(
                _layer(network, layer, material, found, normalise) for layer in network.layers
            ),
            condition=network.condition,
            control_of=network.control_of,
        )
        for network in grouped_with_controls(material.layout)
    )


def _layer(
    network: NetworkRow,
    layer: LayerRow,
    material: ReportData,
    found: NetworkInputs,
    normalise: Normalise,
) -> LayerResult:
    at = (network.name, layer.name)
    return layer_result(
        layer,
        found.answers.get(at, {}),
        material.threshold,
        normalise,
        network.workers_are_places,
        found.beside(at),
    )


def _order(row: AnswerRow) -> tuple[str, str, int, str, int]:
    return *row.unit_name, row.worker, row.answer
