"""A report as JSON: the same keys in the same order always, each number beside its rule."""

from dataclasses import asdict
from typing import Any

from annotator.results.definitions import rules
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.assignments import ExclusionFlow
from annotator.results.output.comparisons_json import comparison_as_json, plan_as_json
from annotator.results.output.formatting import GROUP_NAMES
from annotator.results.output.rounding import interval, number
from annotator.results.output.verified_json import layer_as_json, method_as_json, verified_as_json
from annotator.results.report.layer import DawidSkeneGroups, Headline, LayerResult
from annotator.results.report.report import NetworkResult, StudyReport
from annotator.results.report.unit import UnitResult
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.results.stats.precision import ThresholdCurve


def as_json(report: StudyReport) -> dict[str, Any]:
    """A report as plain lists, dicts, strings and numbers; shares are from 0 to 1."""
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
        "variant": report.variant or "as analysed",
        "variant_answer_counts": {
            name or "as analysed": n for name, n in report.variant_counts.items()
        },
        "first_answers": report.first_answers,
        "merge_version": report.merge_version,
        "flow": _flow(report.flow),
        "group_names": {str(group): name for group, name in GROUP_NAMES.items()},
        "rules": rules(report.threshold),
        "comparisons": [comparison_as_json(one) for one in report.comparisons],
        "plan": plan_as_json(report.plan),
        "methods": [method_as_json(one) for one in report.methods],
        "networks": [_network(network) for network in report.networks],
    }


def _network(network: NetworkResult) -> dict[str, Any]:
    return {
        "name": network.name,
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
        "unit_count": layer.unit_count,
        "answered_unit_count": layer.answered_unit_count,
        "answer_count": layer.answer_count,
        "mean_precision": number(layer.mean_precision),
        "mean_precision_interval": interval(layer.interval),
        "between_worker_deviation": number(layer.spread.deviation) if layer.spread else None,
        "mean_precision_of_one_thing": number(layer.mean_precision_of_one_thing),
        "share_of_units_above": number(layer.share_of_units_above),
        "share_of_answers_above": number(layer.share_of_answers_above),
        "nothing_share": number(layer.nothing_share),
        "two_things_share": number(layer.two_things_share),
        "unanimous_share": number(layer.unanimous_share),
        "agreement": _agreement(layer),
        "groups": _shares(layer.groups),
        "groups_denominator": _denominator(layer.groups),
        "groups_of_all_answers": _shares(layer.groups_of_all_answers),
        "groups_of_all_answers_denominator": _denominator(layer.groups_of_all_answers),
        "groups_by_majority": _shares(layer.groups_by_majority),
        "groups_by_majority_denominator": {"unit_count": layer.groups_by_majority.count},
        "dawid_skene": _dawid_skene(layer.dawid_skene_groups),
        "object_detectors": {
            "unit_count": layer.detectors.unit_count,
            "classes": dict(layer.detectors.classes),
        },
        "verified": {by: layer_as_json(one) for by, one in layer.verified.items()},
        "curve": _curve(layer.curve),
        "variants": {name or "as analysed": _headline(h) for name, h in layer.variants.items()},
        "unit_results": [unit_as_json(unit) for unit in layer.units],
    }


def _agreement(layer: LayerResult) -> dict[str, Any]:
    """Each measure with its interval beside it."""
    found: dict[str, Any] = {}
    for name, value in asdict(layer.agreement).items():
        found[name] = number(value)
        found[f"{name}_interval"] = interval(layer.agreement_intervals.get(name))
    return found


def unit_as_json(unit: UnitResult) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "concept": unit.named.concept,
        "has_consensus": unit.named.consensus is not None,
        "concepts": [{"concept": word, "answer_count": n} for word, n in unit.named.votes],
        "group": unit.group,
        "group_answer_counts": {str(group): n for group, n in unit.group_votes.items()},
        "precision": number(unit.precision),
        "precision_interval": interval(unit.interval),
        "precision_under_consensus": number(unit.named.precision),
        "reliability": number(unit.reliability),
        "shrunken_precision": number(unit.shrunken),
        "p_above": number(unit.p_above),
        "q_above": number(unit.q_above),
        "answer_count": unit.answer_count,
        "nothing_count": unit.nothing_count,
        "two_things_count": unit.two_things_count,
        "accepted_count": unit.assignments.accepted,
        "returned_count": unit.assignments.returned,
        "expired_count": unit.assignments.expired,
        "return_rate": number(unit.assignments.return_rate),
        "dawid_skene_group": unit.probable_group.group if unit.probable_group else None,
        "dawid_skene_probability": number(unit.probable_group.probability)
        if unit.probable_group
        else None,
        "verified": [verified_as_json(one) for one in unit.verified],
        "machine_names": dict(unit.machine_names),
        "later_answer_count": unit.later_count,
        "group_with_later_answers": unit.group_of_all,
    }


def _flow(found: ExclusionFlow) -> dict[str, Any]:
    """From accepted to analysed; `excluded` by reason, `workers_excluded` in reviewers' words."""
    return {
        "accepted": found.accepted,
        "returned": found.returned,
        "expired": found.expired,
        "open": found.open,
        "submitted": found.submitted,
        "excluded": found.excluded,
        "workers_excluded": [{"why": why, "answer_count": n} for why, n in found.whys],
        "analysed": found.analysed,
        "return_rate": number(found.return_rate),
    }


def _curve(found: ThresholdCurve) -> dict[str, list[float | None]]:
    """Shares strictly above each threshold."""
    return {
        "thresholds": [number(value) for value in found.thresholds],
        "share_of_units_above": [number(value) for value in found.units],
        "share_of_answers_above": [number(value) for value in found.answers],
    }


def _dawid_skene(found: DawidSkeneGroups | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "groups_of_units_above": _shares(found.groups),
        "unit_count": found.groups.count,
        "differing_unit_count": found.differing_count,
        "is_weak": found.is_weak,
    }


def _headline(found: Headline) -> dict[str, Any]:
    return {
        "answer_count": found.answer_count,
        "mean_precision": number(found.mean_precision),
        "mean_precision_interval": interval(found.interval),
        "share_of_units_above": number(found.share_of_units_above),
    }


def _shares(shares: GroupShares) -> dict[str, float | None]:
    return {_key(group): number(share) for group, share in shares.shares.items()}


def _key(group: int) -> str:
    return "no majority" if group == NO_MAJORITY else str(group)


def _denominator(shares: GroupShares) -> dict[str, float | int | None]:
    return {"weight": number(shares.denominator), "answer_count": shares.count}
