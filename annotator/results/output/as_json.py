"""A report as JSON: always the same keys in the same order, each number beside its rule."""

from dataclasses import asdict
from typing import Any

from annotator.results.definition_texts import rules
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.assignments import ExclusionFlow
from annotator.results.output.formatting import GROUP_NAMES, rounded
from annotator.results.output.who_answered import who_answered_json
from annotator.results.report.comparison import POST_HOC, Comparison, Difference
from annotator.results.report.controls import ChanceLevel
from annotator.results.report.layer import Headline, LayerResult
from annotator.results.report.methods import Example, MethodResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.plan_result import PlanResult
from annotator.results.report.report import StudyReport
from annotator.results.report.threshold_numbers import DawidSkeneGroups
from annotator.results.report.unit import UnitResult
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.results.stats.intervals import Interval
from annotator.results.stats.threshold_curve import ThresholdCurve
from annotator.results.stats.verified_precision import VerifiedConcept, VerifiedLayer

AS_ANALYSED = "as analysed"  # the variant that has no name


def as_json(report: StudyReport) -> dict[str, Any]:
    """A report as JSON: lists, dicts, strings and numbers; shares from 0 to 1, null for missing."""
    return {
        "study": report.study,
        "simulated": report.is_simulated,
        "notice": report.notice,
        "threshold": report.threshold,
        "answer_count": report.answer_count,
        "worker_count": report.worker_count,
        "excluded": {
            "answer_count": sum(report.excluded.values()),
            "reasons": {reason: report.excluded.get(reason, 0) for reason in EXCLUSIONS},
        },
        "other_crowd_answer_count": report.other_count,
        "variant": report.variant or AS_ANALYSED,
        "variant_answer_counts": {
            name or AS_ANALYSED: n for name, n in report.variant_counts.items()
        },
        "first_answers": report.first_answers,
        "looks": report.looks.early,
        "extensions": report.looks.extensions,
        "merge_version": report.merge_version,
        "flow": _flow(report.flow),
        "who_answered": who_answered_json(report.who_answered),
        "group_names": {str(group): name for group, name in GROUP_NAMES.items()},
        "rules": rules(report.threshold),
        "comparisons": [_comparison(comparison) for comparison in report.comparisons],
        "plan": _plan(report.plan) if report.plan else None,
        "methods": [_method(method) for method in report.methods],
        "networks": [_network(network) for network in report.networks],
    }


def _unit(unit: UnitResult) -> dict[str, Any]:
    group = unit.probable_group
    return {
        "unit": unit.unit,
        "concept": unit.named.concept,
        "has_consensus": unit.named.consensus is not None,
        "concepts": [{"concept": word, "answer_count": n} for word, n in unit.named.votes],
        "group": unit.group,
        "group_answer_counts": {str(group): n for group, n in unit.group_votes.items()},
        "precision": rounded(unit.precision),
        "precision_interval": _interval(unit.interval),
        "precision_under_consensus": rounded(unit.named.precision),
        "precision_under_consensus_interval": _interval(unit.consensus_interval),
        "precision_under_consensus_q_above": rounded(unit.consensus_q_above),
        "reliability": rounded(unit.reliability),
        "shrunken_precision": rounded(unit.shrunken),
        "p_above": rounded(unit.p_above),
        "q_above": rounded(unit.q_above),
        "answer_count": unit.answer_count,
        "nothing_count": unit.nothing_count,
        "two_things_count": unit.two_things_count,
        "accepted_count": unit.assignments.accepted,
        "returned_count": unit.assignments.returned,
        "expired_count": unit.assignments.expired,
        "return_rate": rounded(unit.assignments.return_rate),
        "dawid_skene_group": group.group if group else None,
        "dawid_skene_probability": rounded(group.probability) if group else None,
        "verified": [_verified_concept(concept) for concept in unit.verified],
        "machine_names": dict(unit.machine_names),
        "later_answer_count": unit.later_count,
        "group_with_later_answers": unit.group_of_all,
    }


def _interval(interval: Interval | None) -> dict[str, float | bool | None] | None:
    """A 95 % interval with its low and high end; null for a missing one."""
    if interval is None:
        return None
    return {
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "is_reliable": interval.is_reliable,
    }


def _network(network: NetworkResult) -> dict[str, Any]:
    return {
        "name": network.name,
        "display_name": network.display_name,
        "spec": network.spec,
        "weights_sha256": network.weights_sha256,
        "workers_are_places": network.workers_are_places,
        "condition": network.condition,
        "control_of": network.control_of,
        "layers": [_layer(layer) for layer in network.layers],
    }


def _layer(layer: LayerResult) -> dict[str, Any]:
    return {
        "name": layer.name,
        "display_name": layer.display_name,
        "unit_count": layer.unit_count,
        "answered_unit_count": layer.answered_unit_count,
        "activity": {
            word: {"unit_count": count, "units": list(layer.activity.get(word, ()))}
            for word, count in layer.activity_counts.items()
        },
        "answer_count": layer.answer_count,
        "mean_precision": rounded(layer.mean_precision),
        "mean_precision_interval": _interval(layer.interval),
        "between_worker_deviation": rounded(layer.spread.deviation) if layer.spread else None,
        "mean_precision_of_one_thing": rounded(layer.mean_precision_of_one_thing),
        "share_of_units_above": rounded(layer.share_of_units_above),
        "share_of_units_above_interval": _interval(layer.share_of_units_above_interval),
        "share_of_answers_above": rounded(layer.share_of_answers_above),
        "nothing_share": rounded(layer.nothing_share),
        "two_things_share": rounded(layer.two_things_share),
        "unanimous_share": rounded(layer.unanimous_share),
        "agreement": _agreement(layer),
        "groups": _shares(layer.groups),
        "groups_intervals": _share_intervals(layer.groups),
        "groups_denominator": _denominator(layer.groups),
        "groups_of_all_answers": _shares(layer.groups_of_all_answers),
        "groups_of_all_answers_intervals": _share_intervals(layer.groups_of_all_answers),
        "groups_of_all_answers_denominator": _denominator(layer.groups_of_all_answers),
        "groups_by_majority": _shares(layer.groups_by_majority),
        "groups_by_majority_intervals": _share_intervals(layer.groups_by_majority),
        "groups_by_majority_denominator": {"unit_count": layer.groups_by_majority.count},
        "dawid_skene": _dawid_skene(layer.dawid_skene_groups) if layer.dawid_skene_groups else None,
        "object_detectors": {
            "unit_count": layer.detectors.unit_count,
            "classes": dict(layer.detectors.classes),
            "share_of_units": rounded(layer.detectors.share),
            "share_of_units_interval": _interval(layer.detectors.interval),
        },
        "chance": [_chance(level) for level in layer.chance],
        "verified": {method: _verified_layer(one) for method, one in layer.verified.items()},
        "curve": _curve(layer.curve),
        "variants": {name or AS_ANALYSED: _headline(h) for name, h in layer.variants.items()},
        "unit_results": [_unit(unit) for unit in layer.units],
    }


def _chance(level: ChanceLevel) -> dict[str, Any]:
    """A headline number's level in a chance control, and how far the layer's is above it."""
    return {
        "control": level.control,
        "number": level.number,
        "group": level.group,
        "level": rounded(level.level),
        "excess": rounded(level.excess),
        "excess_interval": _interval(level.interval),
        "is_above_chance": level.is_above_chance,
        "unit_count": level.unit_count,
        "why_not": level.why_not,
    }


def _agreement(layer: LayerResult) -> dict[str, Any]:
    """Each measure, followed by its interval."""
    measures: dict[str, Any] = {}
    for name, value in asdict(layer.agreement).items():
        measures[name] = rounded(value)
        measures[f"{name}_interval"] = _interval(layer.agreement_intervals.get(name))
    return measures


def _flow(flow: ExclusionFlow) -> dict[str, Any]:
    """`excluded` is by reason; `workers_excluded` has the reviewers' own words."""
    return {
        "accepted": flow.accepted,
        "returned": flow.returned,
        "expired": flow.expired,
        "open": flow.open,
        "submitted": flow.submitted,
        "excluded": flow.excluded,
        "workers_excluded": [{"why": why, "answer_count": n} for why, n in flow.worker_reasons],
        "analysed": flow.analysed,
        "excluded_opened": flow.opened,
        "return_rate": rounded(flow.return_rate),
    }


def _curve(curve: ThresholdCurve) -> dict[str, Any]:
    """Shares strictly above each threshold."""
    return {
        "thresholds": [rounded(value) for value in curve.thresholds],
        "share_of_units_above": [rounded(value) for value in curve.units],
        "share_of_units_above_intervals": [_interval(interval) for interval in curve.intervals],
        "share_of_answers_above": [rounded(value) for value in curve.answers],
    }


def _dawid_skene(groups: DawidSkeneGroups) -> dict[str, Any]:
    return {
        "groups_of_units_above": _shares(groups.groups),
        "unit_count": groups.groups.count,
        "differing_unit_count": groups.differing_count,
        "is_weak": groups.is_weak,
    }


def _headline(headline: Headline) -> dict[str, Any]:
    return {
        "answer_count": headline.answer_count,
        "mean_precision": rounded(headline.mean_precision),
        "mean_precision_interval": _interval(headline.interval),
        "share_of_units_above": rounded(headline.share_of_units_above),
    }


def _shares(shares: GroupShares) -> dict[str, float | None]:
    return {
        "no majority" if group == NO_MAJORITY else str(group): rounded(share)
        for group, share in shares.shares.items()
    }


def _share_intervals(shares: GroupShares) -> dict[str, Any]:
    return {
        "no majority" if group == NO_MAJORITY else str(group): _interval(interval)
        for group, interval in shares.intervals.items()
    }


def _denominator(shares: GroupShares) -> dict[str, float | int | None]:
    return {"weight": rounded(shares.denominator), "answer_count": shares.count}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    """`why_not` is a sentence where the two networks only stand side by side."""
    return {
        "first": comparison.first,
        "second": comparison.second,
        "is_control": comparison.is_control,
        "why_not": comparison.why_not,
        "differences": [_difference(one) for one in comparison.differences],
        "test": comparison.test,
        "overlap": rounded(comparison.overlap),
        "caution": comparison.caution,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "first_layer": difference.first_layer,
        "second_layer": difference.second_layer,
        "number": difference.number,
        "group": difference.group,
        "difference": rounded(difference.difference),
        "interval": _interval(difference.interval),
        "p": rounded(difference.p),
        "adjusted_p": rounded(difference.adjusted_p),
        "planned": difference.is_planned,
        "note": None if difference.is_planned else POST_HOC,
        "first_value": rounded(difference.first_value),
        "second_value": rounded(difference.second_value),
        "interval_over_units": _interval(difference.interval_over_units),
    }


def _plan(plan: PlanResult) -> dict[str, Any]:
    return {
        "sha256": plan.sha256,
        "at": plan.at.isoformat(),
        "answer_count_when_frozen": plan.answer_count,
        "earlier_plan_count": plan.earlier_count,
        "checks": [asdict(check) for check in plan.checks],
        "hypotheses": [
            {
                "id": tested.hypothesis.id,
                "statement": tested.hypothesis.statement,
                "answer": tested.answer,
                "differences": [_difference(one) for one in tested.differences],
            }
            for tested in plan.hypotheses
        ],
    }


def _verified_concept(concept: VerifiedConcept) -> dict[str, Any]:
    return {
        "concept": concept.concept,
        "by": concept.by,
        **_lift(concept),
        "p": rounded(concept.p),
        "q": rounded(concept.q),
    }


def _verified_layer(layer: VerifiedLayer) -> dict[str, Any]:
    return {
        "unit_count": layer.unit_count,
        **_lift(layer),
        "held_out_precision_interval": _interval(layer.held_out_interval),
    }


def _lift(verified: VerifiedConcept | VerifiedLayer) -> dict[str, Any]:
    return {
        "answer_count": verified.answer_count,
        "held_out_precision": rounded(verified.held_out),
        "base_rate": rounded(verified.base_rate),
        "lift": rounded(verified.lift),
        "lift_interval": _interval(verified.lift_interval),
    }


def _method(method: MethodResult) -> dict[str, Any]:
    """People's names are their consensus; lifts are over units of which both were verified."""
    return {
        "method": method.method,
        "named_unit_count": method.named_count,
        "common_unit_count": method.common_count,
        "same_unit_count": method.same_count,
        "shared_word_unit_count": method.word_count,
        "agreement": rounded(method.agreement),
        "verified_unit_count": method.verified_count,
        "human_lift": rounded(method.human_lift),
        "machine_lift": rounded(method.machine_lift),
        "ratio": rounded(method.ratio),
        "ratio_interval": _interval(method.ratio_interval),
        "examples": [_example(example) for example in method.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    lifts = {name: rounded(getattr(example, name)) for name in ("human_lift", "machine_lift")}
    return asdict(example) | lifts
