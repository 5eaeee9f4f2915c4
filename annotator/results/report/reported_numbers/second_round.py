"""The numbers of the second round, and of the names that machines give to units."""

from typing import Any

from django.utils.translation import gettext_noop as _

from annotator.results.report.methods import Example, MethodResult
from annotator.results.report.reported_numbers.entries import (
    SECOND_ROUND,
    Definition,
    ReportedNumber,
    attributes,
    in_json,
)
from annotator.results.stats.verified_precision import VerifiedConcept, VerifiedLayer

# What a verified concept and a layer of them have alike.
LIFT: list[ReportedNumber[Any]] = [
    *attributes("count", "answer_count"),
    in_json(
        "held_out_precision",
        "precision",
        lambda verified: verified.held_out,
        Definition(
            SECOND_ROUND,
            _("Verified precision"),
            _(
                "Mean over the answers of a second round: pictures that fit / pictures shown, "
                "over held-out top images that nobody saw when the unit was named. Its "
                "workers had not answered about the unit, and were told the concept. To name "
                "a unit and to score it on the same pictures flatters. The 95 % interval of a "
                "layer is over workers, each with all their answers."
            ),
            key="verified",
        ),
    ),
    in_json(
        "base_rate",
        "precision",
        lambda verified: verified.base_rate,
        Definition(
            SECOND_ROUND,
            _("Base rate"),
            _(
                "The same over random images mixed among the held-out ones: how often workers "
                "see the concept in any image."
            ),
        ),
    ),
    in_json(
        "lift",
        "ratio",
        lambda verified: verified.lift,
        Definition(
            SECOND_ROUND,
            _("Lift"),
            _(
                "How many times as often the concept is seen in held-out as in random images: "
                "the geometric mean over answers. Half a picture is added to each count, "
                "because often none of a few random images fits. Of a layer: the geometric "
                "mean over its units."
            ),
        ),
    ),
    in_json(
        "lift_interval",
        "interval",
        lambda verified: verified.lift_interval,
        Definition(
            SECOND_ROUND,
            _("Interval of a lift"),
            _(
                "95 % interval on the log scale. Of a unit: plus and minus t s / sqrt(k), "
                "where s is the standard deviation between workers on one concept, pooled "
                "over the layer. Of a layer, and of a ratio of two lifts: over workers, each "
                "with all their answers."
            ),
        ),
    ),
]

CONCEPT: list[ReportedNumber[VerifiedConcept]] = [
    *attributes("text", "concept", "by"),
    *LIFT,
    *attributes("p", "p"),
    in_json(
        "q",
        "p",
        lambda verified: verified.q,
        Definition(
            SECOND_ROUND,
            _("Claim: a lift above 1"),
            _(
                "One-sided p, adjusted by Benjamini and Hochberg over all concepts from the "
                "same source, people's consensus or one method."
            ),
            key="q_lift",
        ),
    ),
]

LAYER_OF_CONCEPTS: list[ReportedNumber[VerifiedLayer]] = [
    *attributes("count", "unit_count"),
    *LIFT,
    in_json("held_out_precision_interval", "interval", lambda layer: layer.held_out_interval),
]

# People's names are their consensus; lifts are over units of which both were verified.
METHOD: list[ReportedNumber[MethodResult]] = [
    *attributes("text", "method"),
    in_json("named_unit_count", "count", lambda method: method.named_count),
    in_json("common_unit_count", "count", lambda method: method.common_count),
    in_json("same_unit_count", "count", lambda method: method.same_count),
    in_json("shared_word_unit_count", "count", lambda method: method.word_count),
    in_json(
        "agreement",
        "share",
        lambda method: method.agreement,
        Definition(
            SECOND_ROUND,
            _("Agreement of a machine"),
            _(
                "Share of the units that both have one merged concept, out of units that the "
                "method named and people have a consensus on. Next to it: units whose two "
                "names share a word."
            ),
            key="machine_agreement",
        ),
    ),
    in_json("verified_unit_count", "count", lambda method: method.verified_count),
    *attributes("ratio", "human_lift", "machine_lift"),
    in_json(
        "ratio",
        "ratio",
        lambda method: method.ratio,
        Definition(
            SECOND_ROUND,
            _("Machine's lift over people's"),
            _(
                "The machine's geometric mean lift divided by people's, over the units both "
                "of whose names were verified, by different workers. Above 1, the machine's "
                "names fit better."
            ),
            key="machine_ratio",
        ),
    ),
    in_json("ratio_interval", "interval", lambda method: method.ratio_interval),
    *attributes("structure", "examples"),
]

EXAMPLE: list[ReportedNumber[Example]] = [
    *attributes("text", "network", "layer"),
    *attributes("number", "unit"),
    *attributes("text", "human", "machine"),
    *attributes("flag", "is_same"),
    *attributes("ratio", "human_lift", "machine_lift"),
]
