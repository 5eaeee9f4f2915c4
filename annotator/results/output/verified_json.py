"""Verified concepts and methods as plain dicts, for JSON."""

from typing import Any

from annotator.results.output.rounding import interval, number
from annotator.results.report.methods import Example, MethodResult
from annotator.results.stats.verified_precision import VerifiedConcept, VerifiedLayer


def verified_as_json(found: VerifiedConcept) -> dict[str, Any]:
    return {
        "concept": found.concept,
        "by": found.by,
        **_measured(found),
        "p": number(found.p),
        "q": number(found.q),
    }


def layer_as_json(found: VerifiedLayer) -> dict[str, Any]:
    return {
        "unit_count": found.unit_count,
        **_measured(found),
        "held_out_precision_interval": interval(found.held_out_interval),
    }


def _measured(found: VerifiedConcept | VerifiedLayer) -> dict[str, Any]:
    return {
        "answer_count": found.answer_count,
        "held_out_precision": number(found.held_out),
        "base_rate": number(found.base_rate),
        "lift": number(found.lift),
        "lift_interval": interval(found.lift_interval),
    }


def method_as_json(found: MethodResult) -> dict[str, Any]:
    """People's names are their consensus; lifts are over units of which both were verified."""
    return {
        "method": found.method,
        "named_unit_count": found.named_count,
        "common_unit_count": found.common_count,
        "same_unit_count": found.same_count,
        "shared_word_unit_count": found.word_count,
        "agreement": number(found.agreement),
        "verified_unit_count": found.verified_count,
        "human_lift": number(found.human_lift),
        "machine_lift": number(found.machine_lift),
        "ratio": number(found.ratio),
        "ratio_interval": interval(found.ratio_interval),
        "examples": [_example(one) for one in found.examples],
    }


def _example(found: Example) -> dict[str, Any]:
    return {
        "network": found.network,
        "layer": found.layer,
        "unit": found.unit,
        "human": found.human,
        "machine": found.machine,
        "is_same": found.is_same,
        "human_lift": number(found.human_lift),
        "machine_lift": number(found.machine_lift),
    }
