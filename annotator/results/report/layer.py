"""The result of one layer of one network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.assignments import NO_ASSIGNMENTS, AssignmentCounts
from annotator.results.loading.layout import LayerRow
from annotator.results.loading.marks import Marks
from annotator.results.report.chance_levels import ChanceLevel, ControlUnits
from annotator.results.report.detectors import Detectors
from annotator.results.report.threshold_numbers import (
    OFFERED_THRESHOLDS,
    DawidSkeneGroups,
    ThresholdNumbers,
    threshold_numbers,
    with_intervals,
)
from annotator.results.report.unit import UnitResult, unit_result
from annotator.results.stats.agreement import (
    NO_MARKS,
    Agreement,
    agreement,
    agreement_intervals,
    unanimous_share,
)
from annotator.results.stats.dawid_skene import ProbableGroup
from annotator.results.stats.groups import GroupShares, shares_of_all
from annotator.results.stats.intervals import (
    Interval,
    PooledDeviation,
    layer_interval,
    pooled_deviation,
    share_interval,
)
from annotator.results.stats.intervals.decisions import Decisions, decisions
from annotator.results.stats.precision import layer_mean, mean, unit_mean
from annotator.results.stats.threshold_curve import ThresholdCurve, share_above, threshold_curve
from annotator.results.stats.verified_precision import VerifiedLayer

LayerKey = tuple[str, str]  # network, layer
Answered = Sequence[Sequence[AnswerRow]]  # the answers of each unit; none is empty
UnitAnswers = Mapping[int, Sequence[AnswerRow]]  # of one layer, by unit number
# What is known of a layer without answers.
OF_ROW = ("id", "name", "unit_count", "display_name", "slug", "activity", "is_sampled")


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers of a layer that depend most on which answers count."""

    answer_count: int
    mean_precision: float | None
    interval: Interval | None
    share_of_units_above: float | None


@dataclass(frozen=True, slots=True)
class LayerResult:
    """The numbers of one layer, from its counted answers; None where it has none.

    Attributes:
        unit_count: units that the layer has, answered or not.
        interval: 95 % interval of the mean precision, over workers, and over units too where
            they are a sample; None where the answers do not say who gave them.
        spread: deviation between workers on one unit, from which the units' intervals are made.
        agreement_intervals: by measure; empty where the answers do not say who gave them.
        groups, groups_of_all_answers, groups_by_majority: see stats.groups.
        units: the answered ones, by number. The head of a snapshot leaves them out, so there
            only `answered_unit_count` counts them.
        share_of_units_above_interval: 95 % interval over units and workers, as are those of groups,
            detectors and the curve.
        curve: shares above every threshold.
        variants: the headline by each rule of loading.variants.VARIANTS; "" is as analyzed.
        verified: the second round, by who named the concepts: `consensus`, or a method.
        chance: the headline numbers beside those of the layer's chance controls.
        by_threshold: the numbers that depend on the threshold, at those that the page offers.
        display_name, slug, activity, is_sampled: as in LayerRow.
    """

    id: int
    name: str
    unit_count: int
    answered_unit_count: int
    answer_count: int
    mean_precision: float | None
    interval: Interval | None
    spread: PooledDeviation | None
    mean_precision_of_one_thing: float | None
    share_of_units_above: float | None
    share_of_units_above_interval: Interval | None
    share_of_answers_above: float | None
    units_with_object_answer: float | None
    units_with_object_answer_interval: Interval | None
    nothing_share: float | None
    two_things_share: float | None
    unanimous_share: float | None
    agreement: Agreement
    agreement_intervals: dict[str, Interval]
    groups: GroupShares
    groups_of_all_answers: GroupShares
    groups_by_majority: GroupShares
    detectors: Detectors
    units: tuple[UnitResult, ...]
    curve: ThresholdCurve
    variants: dict[str, Headline]
    dawid_skene_groups: DawidSkeneGroups | None
    verified: dict[str, VerifiedLayer] = field(default_factory=dict)
    by_threshold: tuple[ThresholdNumbers, ...] = ()
    chance: tuple[ChanceLevel, ...] = ()
    display_name: str = ""
    slug: str = ""
    activity: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    is_sampled: bool = False

    @property
    def activity_counts(self) -> dict[str, int]:
        """How many units are dead, dense and broad."""
        return {word: len(self.activity.get(word, ())) for word in ("dead", "dense", "broad")}

    @property
    def activity_by_unit(self) -> dict[int, str]:
        """The word that marks a unit, for those that have one."""
        return {unit: word for word, units in self.activity.items() for unit in units}

    def at_threshold(self, threshold: float) -> "LayerResult":
        """The layer at one of OFFERED_THRESHOLDS, with its units as they are.

        The variants have no share of units above it: theirs is of the study's threshold.

        Raises:
            ValueError: the report was not made for this threshold.
        """
        for numbers in self.by_threshold:
            if numbers.threshold == threshold:
                variants = {
                    name: replace(headline, share_of_units_above=None)
                    for name, headline in self.variants.items()
                }
                return replace(self, variants=variants, **_changing(numbers))
        raise ValueError(f"{threshold} is not one of {OFFERED_THRESHOLDS}.")


@dataclass(frozen=True, slots=True)
class ControlAnswers:
    """The counted answers by unit number about a control; `why_not` as in ChanceLevel."""

    answers: UnitAnswers
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class LayerInputs:
    """Everything that the numbers of a layer are computed from.

    Attributes:
        answers: the counted answers by unit number; no unit's list is empty.
        later_answers: those beyond the first, in an adaptive study.
        variants: the counted answers by each rule of loading.variants.VARIANTS.
        probable_groups: by Dawid and Skene; empty where the answers do not say who gave them.
        controls: of the chance controls of the layer, by name.
    """

    answers: UnitAnswers = field(default_factory=dict)
    assignments: Mapping[int, AssignmentCounts] = field(default_factory=dict)
    later_answers: UnitAnswers = field(default_factory=dict)
    variants: Mapping[str, UnitAnswers] = field(default_factory=dict)
    marks: Marks = NO_MARKS
    probable_groups: Mapping[int, ProbableGroup] = field(default_factory=dict)
    controls: Mapping[str, ControlAnswers] = field(default_factory=dict)


def layer_result(
    layer: LayerRow,
    inputs: LayerInputs,
    threshold: float,
    normalise: Normalise = normalised,
    workers_are_places: bool = False,
) -> LayerResult:
    """Compute a layer's result, all of its numbers in a report.

    Args:
        threshold: a precision strictly above it counts as above.
        workers_are_places: the answers do not say who gave them, so nothing is measured over
            workers.
    """
    deviation = pooled_deviation(inputs.answers.values())
    units = _unit_results(inputs, deviation, normalise)
    answers = [inputs.answers[unit.unit] for unit in units]
    head = headline(answers, threshold, workers_are_places, layer.is_sampled)
    decided = decisions(answers, normalise, workers_are_places)
    controls = _decided_controls(inputs, normalise, workers_are_places)
    own, *others = threshold_numbers(
        units, answers, (threshold, *OFFERED_THRESHOLDS), decided, controls
    )
    return LayerResult(
        **{name: getattr(layer, name) for name in OF_ROW},
        answered_unit_count=len(units),
        answer_count=head.answer_count,
        mean_precision=head.mean_precision,
        interval=head.interval,
        spread=deviation,
        groups_of_all_answers=with_intervals(shares_of_all(answers), decided.group_of_all),
        units=units,
        curve=_curve(units, answers, decided),
        variants=_variants(inputs, threshold, workers_are_places, layer.is_sampled),
        by_threshold=tuple(others),
        **_said(answers, inputs.marks, normalise, not workers_are_places),
        **_changing(own),
    )


def _curve(units: Sequence[UnitResult], answers: Answered, decided: Decisions) -> ThresholdCurve:
    return threshold_curve(
        (unit.precision for unit in units),
        (row.precision for of_unit in answers for row in of_unit),
        lambda threshold: share_interval(decided.share_above(threshold)),
    )


def _decided_controls(
    inputs: LayerInputs, normalise: Normalise, workers_are_places: bool
) -> dict[str, ControlUnits]:
    return {
        name: ControlUnits(
            decisions(list(control.answers.values()), normalise, workers_are_places),
            control.why_not,
        )
        for name, control in inputs.controls.items()
    }


def _variants(
    inputs: LayerInputs, threshold: float, workers_are_places: bool, is_sampled: bool
) -> dict[str, Headline]:
    return {
        name: headline(list(of_variant.values()), threshold, workers_are_places, is_sampled)
        for name, of_variant in inputs.variants.items()
    }


def _said(
    answers: Sequence[Sequence[AnswerRow]], marks: Marks, normalise: Normalise, is_known: bool
) -> dict[str, Any]:
    """What the answers of a layer say besides precision, and agree on, by fields of LayerResult.

    Args:
        is_known: the answers say who gave them.
    """
    rows = [row for of_unit in answers for row in of_unit]
    one_thing = [[row for row in of_unit if row.says == "concept"] for of_unit in answers]
    return {
        "mean_precision_of_one_thing": layer_mean(one_thing),
        "nothing_share": mean(float(row.says == "nothing") for row in rows),
        "two_things_share": mean(float(row.says == "two things") for row in rows),
        "unanimous_share": unanimous_share(answers),
        "agreement": agreement(answers, marks, normalise),
        "agreement_intervals": agreement_intervals(answers if is_known else [], marks, normalise),
    }


def _changing(numbers: ThresholdNumbers) -> dict[str, Any]:
    """The numbers by the fields of LayerResult that hold them."""
    names = (field.name for field in fields(numbers) if field.name != "threshold")
    return {name: getattr(numbers, name) for name in names}


def headline(
    units: Answered, threshold: float, workers_are_places: bool, is_sampled: bool = False
) -> Headline:
    """Compute the headline numbers that a layer's result has, of its answered units.

    Args:
        is_sampled: whether the units are a sample of the layer's.
    """
    means = [unit_mean(answers) or 0.0 for answers in units]
    return Headline(
        answer_count=sum(map(len, units)),
        mean_precision=mean(means),
        interval=None if workers_are_places else layer_interval(units, is_sampled),
        share_of_units_above=share_above(means, threshold),
    )


def _unit_results(
    inputs: LayerInputs, deviation: PooledDeviation | None, normalise: Normalise
) -> tuple[UnitResult, ...]:
    return tuple(
        unit_result(
            unit,
            answers,
            deviation,
            normalise,
            inputs.assignments.get(unit, NO_ASSIGNMENTS),
            inputs.later_answers.get(unit, ()),
            inputs.probable_groups.get(unit),
        )
        for unit, answers in sorted(inputs.answers.items())
    )
