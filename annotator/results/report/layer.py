"""The result of one layer of one network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.assignments import NO_ASSIGNMENTS, AssignmentCounts
from annotator.results.loading.layout import LayerRow
from annotator.results.loading.marks import Marks
from annotator.results.report.detectors import Detectors, detectors
from annotator.results.report.probable_groups import DawidSkeneGroups, dawid_skene_groups
from annotator.results.report.unit import UnitResult, unit_result
from annotator.results.stats.agreement import NO_MARKS, Agreement, agreement, agreement_intervals
from annotator.results.stats.dawid_skene import ProbableGroup
from annotator.results.stats.groups import (
    GroupShares,
    shares_above,
    shares_by_majority,
    shares_of_all,
    unanimous_share,
)
from annotator.results.stats.intervals import (
    Interval,
    PooledDeviation,
    layer_interval,
    pooled_deviation,
)
from annotator.results.stats.precision import (
    ThresholdCurve,
    layer_mean,
    mean,
    share_above,
    share_saying,
    threshold_curve,
    unit_mean,
)
from annotator.results.stats.verified_precision import VerifiedLayer

Answers = Mapping[int, Sequence[AnswerRow]]


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers of a layer that stand or fall with the answers that count."""

    answer_count: int
    mean_precision: float | None
    interval: Interval | None
    share_of_units_above: float | None


@dataclass(frozen=True, slots=True)
class LayerResult:
    """What the counted answers of one layer amount to; None where there are none.

    Attributes:
        unit_count: units that the layer has, answered or not.
        agreement_intervals: by measure; empty where workers are not told apart.
        interval: of the mean precision, over workers; None where they are not told apart.
        spread: the deviation between workers on one unit, behind the units' intervals.
        units: the answered ones, by number; empty in the head of a snapshot, where
            `answered_unit_count` still counts them.
        groups, groups_of_all_answers, groups_by_majority: see groups.py.
        curve: the shares above, for every threshold.
        variants: the headline by each rule of variants.VARIANTS, "" being as analysed.
        verified: the second round by whose concept: `consensus`, or a method.
        dawid_skene_groups: groups of units above the threshold, by their probable group.
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
    share_of_answers_above: float | None
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


@dataclass(frozen=True, slots=True)
class LayerInputs:
    """What a layer's numbers take besides its answers, by unit number.

    Attributes:
        later: answers beyond the first, in an adaptive study.
        variants: the answers by each rule of variants.VARIANTS.
        guesses: of groups, by Dawid and Skene; none where workers are not told apart.
    """

    tries: Mapping[int, AssignmentCounts] = field(default_factory=dict)
    later: Answers = field(default_factory=dict)
    variants: Mapping[str, Answers] = field(default_factory=dict)
    marks: Marks = NO_MARKS
    guesses: Mapping[int, ProbableGroup] = field(default_factory=dict)


NO_INPUTS = LayerInputs()


def layer_result(
    layer: LayerRow,
    answers: Answers,
    threshold: float,
    normalise: Normalise = normalised,
    workers_are_places: bool = False,
    beside: LayerInputs = NO_INPUTS,
) -> LayerResult:
    """Sum up a layer.

    Args:
        answers: the counted answers by unit number, none of them empty.
        threshold: precision strictly above it counts as above.
        workers_are_places: the answers do not say who gave them, so nothing is said of workers.
    """
    between = pooled_deviation(answers.values())
    units = tuple(_units(answers, between, normalise, beside))
    of_units = [answers[unit.unit] for unit in units]
    rows = [row for of_unit in of_units for row in of_unit]
    one_thing = [[row for row in of_unit if row.says == "concept"] for of_unit in of_units]
    head = headline(of_units, threshold, workers_are_places)
    named_workers = [] if workers_are_places else of_units
    return LayerResult(
        id=layer.id,
        name=layer.name,
        unit_count=layer.unit_count,
        answered_unit_count=len(units),
        answer_count=head.answer_count,
        mean_precision=head.mean_precision,
        interval=head.interval,
        spread=between,
        mean_precision_of_one_thing=layer_mean(one_thing),
        share_of_units_above=head.share_of_units_above,
        share_of_answers_above=share_above((row.precision for row in rows), threshold),
        nothing_share=share_saying(rows, "nothing"),
        two_things_share=share_saying(rows, "two things"),
        unanimous_share=unanimous_share(of_units),
        agreement=agreement(of_units, beside.marks, normalise),
        agreement_intervals=agreement_intervals(named_workers, beside.marks, normalise),
        groups=shares_above(of_units, threshold),
        groups_of_all_answers=shares_of_all(of_units),
        groups_by_majority=shares_by_majority(of_units, threshold),
        detectors=detectors(units, threshold),
        units=units,
        curve=threshold_curve((unit.precision for unit in units), (row.precision for row in rows)),
        dawid_skene_groups=dawid_skene_groups(units, threshold),
        variants={
            name: headline(list(of_variant.values()), threshold, workers_are_places)
            for name, of_variant in beside.variants.items()
        },
    )


def _units(
    answers: Answers, between: PooledDeviation | None, normalise: Normalise, beside: LayerInputs
) -> Iterator[UnitResult]:
    """The result of each unit, by number."""
    for unit, of_unit in sorted(answers.items()):
        yield unit_result(
            unit,
            of_unit,
            between,
            normalise,
            beside.tries.get(unit, NO_ASSIGNMENTS),
            beside.later.get(unit, ()),
            beside.guesses.get(unit),
        )


def headline(
    units: Sequence[Sequence[AnswerRow]], threshold: float, workers_are_places: bool
) -> Headline:
    """The headline of a layer from the answers of its units, none of them empty."""
    means = [unit_mean(answers) or 0.0 for answers in units]
    return Headline(
        answer_count=sum(map(len, units)),
        mean_precision=mean(means),
        interval=None if workers_are_places else layer_interval(units),
        share_of_units_above=share_above(means, threshold),
    )
