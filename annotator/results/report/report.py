"""The report of a study: every network, layer and unit, from the same answers by the same rules."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotator.concept_words import Normalise
from annotator.models import Study
from annotator.results.concepts.merges import concept_map
from annotator.results.loading.answers import SIMULATED, AnswerRow, Crowd
from annotator.results.loading.layout import NetworkRow
from annotator.results.loading.preregistered_plans import Looks
from annotator.results.loading.report_data import ReportData, load_report_data
from annotator.results.loading.variants import VARIANTS, AnswerSplit, default_crowd, split_answers
from annotator.results.report.comparison import MEAN_PRECISION, Comparison, comparisons
from annotator.results.report.layer import LayerResult
from annotator.results.report.methods import MethodResult, method_results
from annotator.results.report.network import NetworkResult, network_inputs, network_results
from annotator.results.report.preregistration.result import PlanResult, plan_result
from annotator.results.report.second_round import second_round, with_second_round
from annotator.results.report.unit_claims import with_unit_claims
from annotator.results.report.who_answered import (
    ExclusionFlow,
    WhoAnswered,
    exclusion_flow,
    who_answered,
)

__all__ = ["NetworkResult", "StudyReport", "report", "report_from", "report_of"]
RENDERED = "simulated workers, rendered pictures: a test of the machine, not evidence about vision"


@dataclass(frozen=True, slots=True)
class StudyReport:
    """The results of a study.

    Attributes:
        notice: the sentence that everything made from simulated answers shows; None for people's.
        answer_count: analyzed answers.
        other_count: answers of the other crowd. The two crowds never mix.
        excluded: answers that do not count, by reason.
        worker_count: distinct workers; None where the answers do not say who gave them.
        variant: which answers count, a key of loading.variants.VARIANTS.
        variant_counts: answers that count by each variant.
        merge_version: version of the merged words on which every consensus rests; 0 if none are.
        first_answers: how many answers a unit is judged by in an adaptive study; else None.
        flow: from accepted assignments to analyzed answers.
        comparisons: every two networks, compared or side by side with the reason.
        plan: the newest preregistered plan compared with what was done; None without one.
        methods: every method that named units, compared with people.
        looks: early looks at results, and changes of the number of answers after one.
        who_answered: who gave the crowd's answers, when, and how many were returned or excluded.
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
    variant: str
    variant_counts: dict[str, int]
    merge_version: int
    first_answers: int | None
    flow: ExclusionFlow
    comparisons: tuple[Comparison, ...]
    plan: PlanResult | None
    methods: tuple[MethodResult, ...]
    who_answered: WhoAnswered
    looks: Looks = Looks()

    @property
    def is_simulated(self) -> bool:
        return self.crowd == "simulated"

    def all_layers(self) -> Iterator[tuple[NetworkResult, LayerResult]]:
        """Every layer with its network, in their order."""
        for network in self.networks:
            for layer in network.layers:
                yield network, layer

    def at_threshold(self, threshold: float) -> "StudyReport":
        """The report at another threshold than its study's, without loading answers again.

        Differences of groups are left out: they are tested at the study's threshold only.

        Args:
            threshold: one of threshold_numbers.OFFERED_THRESHOLDS.

        Raises:
            ValueError: it is not.
        """
        networks = tuple(
            replace(
                network, layers=tuple(layer.at_threshold(threshold) for layer in network.layers)
            )
            for network in self.networks
        )
        compared = tuple(
            replace(
                one,
                differences=tuple(
                    each for each in one.differences if each.number == MEAN_PRECISION
                ),
            )
            for one in self.comparisons
        )
        return replace(
            self,
            threshold=threshold,
            networks=with_unit_claims(networks, threshold),
            comparisons=compared,
        )


OF_DATA = ("study", "threshold", "first_answers", "looks")  # alike in the data and the report


def report_from(
    data: ReportData,
    crowd: Crowd | None = None,
    variant: str = "",
    normalise: Normalise | None = None,
) -> StudyReport:
    """Compute the whole report of a study from its data, the same on any machine.

    Args:
        crowd: whose answers; None means people's if there are any, else simulated ones.
        variant: which answers count, a key of loading.variants.VARIANTS.
        normalise: turns words into concepts; None means spelling and the study's merges.
    """
    crowd = crowd or default_crowd(data.answers)
    own = [row for row in data.answers if row.crowd == crowd]
    assignments = [row for row in data.assignments if row.crowd == crowd]
    variants = {name: split_answers(own, data.first_answers, name) for name in VARIANTS}
    answers = variants[variant]
    concepts = concept_map(data.merges)
    normalise = normalise or concepts.concept
    inputs = network_inputs(data, assignments, answers, variants)
    of_first_round = with_unit_claims(network_results(data, inputs, normalise), data.threshold)
    second = second_round(data, crowd)
    networks = with_second_round(of_first_round, second)
    compared = comparisons(data, inputs.answers)
    flow = exclusion_flow(assignments, answers)
    return StudyReport(
        networks=networks,
        merge_version=concepts.version,
        flow=flow,
        comparisons=compared,
        plan=plan_result(data, compared, answers.reasons),
        methods=method_results(
            data.machine_names, networks, second.answers, second.units, normalise
        ),
        who_answered=who_answered(crowd, data.people, own, flow),
        **{name: getattr(data, name) for name in OF_DATA},
        **_answer_counts(data, crowd, variants, variant),
    )


def _answer_counts(
    data: ReportData, crowd: Crowd, variants: Mapping[str, AnswerSplit], variant: str
) -> dict[str, Any]:
    """Whose answers count, and how many of each variant, by fields of StudyReport."""
    answers = variants[variant]
    return {
        "crowd": crowd,
        "notice": simulation_notice(crowd, data.study),
        "answer_count": len(answers.analysed),
        "other_count": sum(row.crowd != crowd for row in data.answers),
        "excluded": answers.reasons,
        "worker_count": _worker_count(answers.analysed, data.layout),
        "variant": variant,
        "variant_counts": {name: len(split.analysed) for name, split in variants.items()},
    }


def report(
    study: str,
    threshold: float,
    layout: Sequence[NetworkRow],
    rows: Sequence[AnswerRow],
    crowd: Crowd | None = None,
    normalise: Normalise | None = None,
) -> StudyReport:
    """Compute a whole report from answers alone: no assignments, merges, plans, second round.

    Args:
        layout: the networks and layers, in the order in which they are reported.
        rows: all answers in any order, excluded ones and the other crowd's too.
    """
    data = ReportData(study, threshold, tuple(layout), tuple(rows))
    return report_from(data, crowd, normalise=normalise)


def report_of(
    study: Study, crowd: Crowd | None = None, variant: str = "", flagged: Container[str] = ()
) -> StudyReport:
    """The whole report of a study as it stands now: loaded and computed.

    Args:
        flagged: keys of workers with a signal against them, from crowd.quality.
    """
    return report_from(load_report_data(study, flagged), crowd, variant)


def _worker_count(rows: Iterable[AnswerRow], layout: Iterable[NetworkRow]) -> int | None:
    nameless = {network.name for network in layout if network.workers_are_places}
    if any(row.network in nameless for row in rows):
        return None
    return len({row.worker for row in rows})


def simulation_notice(crowd: Crowd, study_name: str) -> str | None:
    """The report's notice that its answers are simulated; None for a report on people's answers."""
    if crowd != "simulated":
        return None
    return RENDERED if study_name in ("demo", "demo-seeds") else SIMULATED
