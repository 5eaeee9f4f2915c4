"""Every entry of the registry by the result that it is of, and the definitions of all of them."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from annotator.results.loading.people import ClosingCounts, People
from annotator.results.report.comparison import Comparison, Difference
from annotator.results.report.layer import Headline, LayerResult
from annotator.results.report.methods import Example, MethodResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.preregistration.result import HypothesisResult, PlanCheck, PlanResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.chance import CHANCE, ChanceInLayer
from annotator.results.report.reported_numbers.comparison import (
    CHECK,
    COMPARISON,
    DIFFERENCE,
    HYPOTHESIS,
    PLAN,
)
from annotator.results.report.reported_numbers.curve import CURVE
from annotator.results.report.reported_numbers.entries import (
    SECTIONS,
    Definition,
    ReportedNumber,
    in_json,
)
from annotator.results.report.reported_numbers.groups import DAWID_SKENE, GROUP, GroupInLayer
from annotator.results.report.reported_numbers.layer import HEADLINE, LAYER
from annotator.results.report.reported_numbers.network import KIND, NETWORK
from annotator.results.report.reported_numbers.second_round import (
    CONCEPT,
    EXAMPLE,
    LAYER_OF_CONCEPTS,
    METHOD,
)
from annotator.results.report.reported_numbers.study import PARTS, STUDY
from annotator.results.report.reported_numbers.terms import TERMS
from annotator.results.report.reported_numbers.unit import UNIT
from annotator.results.report.reported_numbers.who_answered import CLOSING, FLOW, PEOPLE, WHO
from annotator.results.report.threshold_numbers import DawidSkeneGroups
from annotator.results.report.training_runs import KindStatement
from annotator.results.report.unit import UnitResult
from annotator.results.report.who_answered import ExclusionFlow, WhoAnswered
from annotator.results.stats.threshold_curve import ThresholdCurve
from annotator.results.stats.verified_precision import VerifiedConcept, VerifiedLayer

# The numbers of a result, by its type. Those of other results stand in JSON only as part of these.
REPORTED_NUMBERS: Mapping[type, list[ReportedNumber[Any]]] = MappingProxyType(
    {
        StudyReport: [
            *STUDY,
            in_json("rules", "structure", lambda report: rules(report.threshold)),
            *PARTS,
        ],
        ExclusionFlow: FLOW,
        WhoAnswered: WHO,
        People: PEOPLE,
        ClosingCounts: CLOSING,
        NetworkResult: NETWORK,
        LayerResult: LAYER,
        ThresholdCurve: CURVE,
        Headline: HEADLINE,
        DawidSkeneGroups: DAWID_SKENE,
        GroupInLayer: GROUP,
        ChanceInLayer: CHANCE,
        UnitResult: UNIT,
        Comparison: COMPARISON,
        Difference: DIFFERENCE,
        KindStatement: KIND,
        PlanResult: PLAN,
        PlanCheck: CHECK,
        HypothesisResult: HYPOTHESIS,
        VerifiedConcept: CONCEPT,
        VerifiedLayer: LAYER_OF_CONCEPTS,
        MethodResult: METHOD,
        Example: EXAMPLE,
    }
)

# In which order a reader meets the definitions of a section. Those that are not named here follow
# in the order of their entries.
READING_ORDER = (
    *("workers", "units_answered", "dead", "dense", "broad", "counted", "variants", "flow"),
    *("return_rate", "nothing_share", "two_things_share", "answer_precision", "fit_share"),
    *("disputed", "scores", "overlap"),
    *("precision", "precision_interval", "shrunken", "q_above", "mean_precision"),
    *("mean_precision_interval", "mean_precision_of_one_thing", "share_of_units_above"),
    *("share_of_answers_above", "curve"),
    *("denominator", "group", "groups", "groups_of_all_answers", "groups_by_majority"),
    *("dawid_skene", "concept", "merge_version", "precision_under_consensus"),
    *("consensus_interval", "supported", "detectors", "detector_share", "share_interval"),
    *("detector_classes", "units_with_object"),
    *("unanimous_share", "raw", "alpha_nominal", "alpha_ordinal", "ac1", "icc_1", "icc_k"),
    *("marks_raw", "marks_alpha", "marks_ac1", "agreement_interval"),
    *("people", "people_details", "people_pay", "people_ai", "people_dates", "people_rates"),
    *("comparison", "comparison_interval", "comparison_interval_over_units", "comparison_p"),
    *("crowd_overlap", "test_over_units", "control", "chance_level"),
    *("runs_interval", "excess", "excess_interval", "plan", "planned"),
    *("verified", "same_pictures", "base_rate", "lift", "lift_interval", "q_lift"),
    *("machine_agreement", "machine_ratio"),
)


def definitions(threshold: float, only: Collection[str] = ()) -> dict[str, Definition]:
    """The definitions of the registry by key, in the order in which a reader meets them.

    Args:
        threshold: of precision, as the definitions print it.
        only: the keys that a page needs; all if empty.
    """
    place = {key: number for number, key in enumerate(READING_ORDER)}
    known = {each.key: each for each in _all_definitions()}
    ordered = sorted(
        known.values(),
        key=lambda each: (SECTIONS.index(each.section), place.get(each.key, len(place))),
    )
    return {
        each.key: each.at_threshold(threshold) for each in ordered if not only or each.key in only
    }


def rules(threshold: float) -> dict[str, str]:
    """The rule of each definition in the registry by key, for JSON."""
    return {key: definition.rule for key, definition in definitions(threshold).items()}


def _all_definitions() -> Iterator[Definition]:
    """Definitions of numbers, and of what is no number; one that numbers share comes repeatedly."""
    for number in chain.from_iterable(REPORTED_NUMBERS.values()):
        yield from number.definitions()
    yield from TERMS
