"""The report of a study: every network, layer and unit, from the same answers by the same rules."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from annotator.concept_words import Normalise
from annotator.models import Study
from annotator.results.concepts.merges import concept_map
from annotator.results.definitions import simulation_notice
from annotator.results.loading.answers import AnswerRow, Crowd, default_crowd
from annotator.results.loading.assignments import ExclusionFlow, exclusion_flow
from annotator.results.loading.layout import NetworkRow
from annotator.results.loading.report_data import ReportData, load_report_data
from annotator.results.loading.variants import VARIANTS, AnswerSplit, split_answers
from annotator.results.report.claims import with_unit_claims
from annotator.results.report.comparison import Comparison, comparisons
from annotator.results.report.methods import MethodResult
from annotator.results.report.network import NetworkResult, network_inputs, network_results
from annotator.results.report.plan_result import PlanResult, plan_result
from annotator.results.report.second_round import methods, second_round, with_second_round

__all__ = ["NetworkResult", "StudyReport", "report", "report_from", "report_of"]


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A study's results.

    Attributes:
        notice: what everything made from simulated answers says; None for people's.
        other_count: answers of the other crowd, which never mix with these.
        excluded: answers that do not count, by reason.
        worker_count: distinct workers; None where the answers do not say who gave them.
        variant: which answers count: a key of variants.VARIANTS.
        variant_counts: answers that would count by each of these.
        merge_version: of the merged words that every consensus rests on; 0: none are merged.
        first_answers: the answers a unit is judged by, in an adaptive study; else None.
        flow: from accepted assignments to analysed answers.
        comparisons: every pair of networks, compared or side by side with a sentence why.
        methods: every method that named units, beside people.
        plan: the newest preregistered plan against what was done; None without one.
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

    @property
    def is_simulated(self) -> bool:
        return self.crowd == "simulated"


def report_from(
    material: ReportData,
    crowd: Crowd | None = None,
    variant: str = "",
    normalise: Normalise | None = None,
) -> StudyReport:
    """Make the report of a study from what it is made of.

    Args:
        crowd: whose answers; None is people's as soon as there are any.
        variant: which answers count, a key of variants.VARIANTS.
        normalise: how words become concepts; None is by spelling and the study's merges.
    """
    crowd = crowd or default_crowd(material.answers)
    own = [row for row in material.answers if row.crowd == crowd]
    variants = {name: split_answers(own, material.first_answers, name) for name in VARIANTS}
    answers = variants[variant]
    merged = concept_map(material.merges)
    found = network_inputs(material, answers, variants, crowd)
    normalise = normalise or merged.concept
    later = second_round(material, crowd)
    named = with_unit_claims(network_results(material, found, normalise), material.threshold)
    networks = with_second_round(named, later)
    compared = comparisons(material, found.answers)
    return StudyReport(
        study=material.study,
        threshold=material.threshold,
        crowd=crowd,
        notice=simulation_notice(crowd, material.study),
        answer_count=len(answers.analysed),
        other_count=len(material.answers) - len(own),
        excluded=answers.reasons,
        worker_count=_worker_count(answers.analysed, material.layout),
        networks=networks,
        variant=variant,
        variant_counts={name: len(of_variant.analysed) for name, of_variant in variants.items()},
        merge_version=merged.version,
        first_answers=material.first_answers,
        flow=_flow(material, crowd, answers),
        comparisons=compared,
        plan=plan_result(material, compared, answers.reasons),
        methods=methods(material, networks, later, normalise),
    )


def report(
    study: str,
    threshold: float,
    layout: Sequence[NetworkRow],
    rows: Sequence[AnswerRow],
    crowd: Crowd | None = None,
    normalise: Normalise | None = None,
) -> StudyReport:
    """The report of nothing but answers.

    Args:
        layout: the networks and layers, in the order in which they are reported.
        rows: all answers, in any order: excluded ones and the other crowd's are counted apart.
    """
    material = ReportData(study, threshold, tuple(layout), tuple(rows))
    return report_from(material, crowd, normalise=normalise)


def report_of(
    study: Study, crowd: Crowd | None = None, variant: str = "", flagged: Container[str] = ()
) -> StudyReport:
    """The report of a study as it stands now.

    Args:
        flagged: keys of workers with a signal against them, which crowd.quality finds.
    """
    return report_from(load_report_data(study, flagged), crowd, variant)


def _flow(material: ReportData, crowd: Crowd, answers: AnswerSplit) -> ExclusionFlow:
    own = (row for row in material.assignments if row.crowd == crowd)
    return exclusion_flow(own, answers)


def _worker_count(rows: Iterable[AnswerRow], layout: Iterable[NetworkRow]) -> int | None:
    nameless = {network.name for network in layout if network.workers_are_places}
    if any(row.network in nameless for row in rows):
        return None
    return len({row.worker for row in rows})
