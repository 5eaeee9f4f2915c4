"""The report of a study: every network, layer and unit, from the same answers by the same rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotator.models import Study
from annotator.results.answers import (
    AnswerRow,
    Crowd,
    answers_of,
    by_unit,
    counted,
    crowd_of,
    excluded,
)
from annotator.results.concepts import Normalise, normalised
from annotator.results.definitions import simulation_notice
from annotator.results.layers import LayerResult, layer_result
from annotator.results.layout import NetworkRow, layout_of


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """One network. `workers_are_places`: its answers do not say who gave them."""

    name: str
    spec: str
    weights_sha256: str
    workers_are_places: bool
    layers: tuple[LayerResult, ...]


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A study's results.

    Attributes:
        notice: what everything made from simulated answers says; None for people's.
        other_count: answers of the other crowd, which never mix with these.
        excluded: answers that do not count, by reason.
        worker_count: distinct workers; None where the answers do not say who gave them.
    """

    study: str
    threshold: float
    crowd: Crowd
    notice: str | None
    answer_count: int
    other_count: int
    excluded: dict[str, int]
    worker_count: int | None
    networks: tuple[NetworkResult, ...]

    @property
    def is_simulated(self) -> bool:
        return self.crowd == "simulated"


def report(
    study: str,
    threshold: float,
    layout: Sequence[NetworkRow],
    rows: Sequence[AnswerRow],
    crowd: Crowd | None = None,
    normalise: Normalise = normalised,
) -> StudyReport:
    """Make the report of a study from its plain rows.

    Args:
        layout: the networks and layers, in the order in which they are reported.
        rows: all answers, in any order: excluded ones and the other crowd's are counted apart.
        crowd: whose answers; None is people's as soon as there are any.
    """
    crowd = crowd or crowd_of(rows)
    own = [row for row in rows if row.crowd == crowd]
    good = counted(own)
    return StudyReport(
        study=study,
        threshold=threshold,
        crowd=crowd,
        notice=simulation_notice(crowd, study),
        answer_count=len(good),
        other_count=len(rows) - len(own),
        excluded=excluded(own),
        worker_count=_worker_count(good, layout),
        networks=_networks(layout, good, threshold, normalise),
    )


def report_of(study: Study, crowd: Crowd | None = None) -> StudyReport:
    """The report of a study as it stands now, in three queries."""
    return report(study.name, study.threshold, layout_of(study), answers_of(study), crowd)


def _worker_count(rows: Iterable[AnswerRow], layout: Iterable[NetworkRow]) -> int | None:
    nameless = {network.name for network in layout if network.workers_are_places}
    if any(row.network in nameless for row in rows):
        return None
    return len({row.worker for row in rows})


def _networks(
    layout: Iterable[NetworkRow],
    rows: Iterable[AnswerRow],
    threshold: float,
    normalise: Normalise,
) -> tuple[NetworkResult, ...]:
    answers: dict[tuple[str, str], dict[int, list[AnswerRow]]] = {}
    # One order, so that sums round alike however the answers come.
    ordered = sorted(rows, key=lambda row: (row.name, row.worker, row.answer))
    for name, of_unit in by_unit(ordered).items():
        answers.setdefault((name.network, name.layer), {})[name.unit] = of_unit
    return tuple(
        NetworkResult(
            name=network.name,
            spec=network.spec,
            weights_sha256=network.weights_sha256,
            workers_are_places=network.workers_are_places,
            layers=tuple(
                layer_result(
                    layer,
                    answers.get((network.name, layer.name), {}),
                    threshold,
                    normalise,
                    network.workers_are_places,
                )
                for layer in network.layers
            ),
        )
        for network in layout
    )
