"""The numbers of a unit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from annotator.results.report.layer import LayerResult
from annotator.results.report.reported_numbers.entries import (
    ANSWERS,
    GROUPS_AND_CONCEPTS,
    NO_TABLE,
    PRECISION,
    Definition,
    IntervalOf,
    ReportedNumber,
    attributes,
    in_json,
    in_table,
)
from annotator.results.report.reported_numbers.terms import COUNTED
from annotator.results.report.unit import UnitResult

# The columns of the table of units that stand first, in this order; the others follow in that of
# UNIT.
FIRST_COLUMNS = (
    *("unit", "precision", "shrunken", "answer_count"),
    *("concept", "has_consensus", "precision_under_consensus"),
)

# In the order of JSON.
UNIT: list[ReportedNumber[UnitResult]] = [
    ReportedNumber(
        "unit",
        "number",
        lambda unit: unit.unit,
        meaning="The unit's number in its layer, from 0.",
        is_always=True,
    ),
    ReportedNumber(
        "concept",
        "text",
        lambda unit: unit.named.concept,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Concept"),
            _(
                "What at least two answers, and more than half, call the unit; otherwise the "
                "unit has no consensus. A word that no answer differs from is shown all the "
                "same. Words count as one concept if they differ only in case, spacing, "
                "article, spelling or plural, or if a researcher merged them without seeing "
                "network, layer or precision."
            ),
        ),
    ),
    ReportedNumber(
        "has_consensus",
        "flag",
        lambda unit: unit.named.consensus is not None,
        meaning="Whether at least two answers, and more than half, share the concept.",
        is_always=True,
    ),
    in_json(
        "concepts",
        "structure",
        lambda unit: [{"concept": word, "answer_count": n} for word, n in unit.named.votes],
    ),
    ReportedNumber(
        "concepts",
        "text",
        lambda unit: "; ".join(f"{word} ({n})" for word, n in unit.named.votes),
        meaning="Every merged concept with the number of answers that named it.",
        json=None,
        is_always=True,
    ),
    ReportedNumber(
        "group",
        "number",
        lambda unit: unit.group,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Group of a unit"),
            _(
                "The semantic group that more than half of its answers chose; otherwise it "
                "has no majority."
            ),
        ),
    ),
    in_json("group_answer_counts", "structure", lambda unit: unit.group_votes),
    ReportedNumber(
        "precision",
        "precision",
        lambda unit: unit.precision,
        Definition(
            PRECISION,
            _("Precision of a unit"),
            _(
                "Mean precision of its counted answers. The top images are all there is to "
                "judge, so the uncertainty is between workers, never between images."
            ),
        ),
        IntervalOf(
            lambda unit: unit.interval,
            Definition(
                PRECISION,
                _("Interval of a unit"),
                _(
                    "95 % interval over workers: precision plus and minus t s / sqrt(k) on the "
                    "arcsine scale, cut to [0, 1]. k is the number of answers; s is the standard "
                    "deviation between workers on one unit, pooled over the layer, and not below "
                    "that of judging each picture at random. Where every answer of the layer is "
                    "0, or every one 1, it is Clopper and Pearson's over the k workers. A single "
                    "answer has no interval. Three answers are enough to compare layers, not "
                    "units."
                ),
            ),
        ),
        is_always=True,
    ),
    ReportedNumber(
        "precision_under_consensus",
        "precision",
        lambda unit: unit.named.precision,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Consensus precision"),
            _(
                "Mean precision of the answers that give the consensus concept. A unit counts "
                "as an object detector by this number, not by its precision, which is the "
                "mean over all its answers."
            ),
        ),
        IntervalOf(
            lambda unit: unit.consensus_interval,
            Definition(
                GROUPS_AND_CONCEPTS,
                _("Interval of a consensus precision"),
                _(
                    "95 % interval over workers, made as the interval of a unit, with the number "
                    "of answers that give the consensus concept as k."
                ),
                key="consensus_interval",
            ),
        ),
    ),
    ReportedNumber(
        "precision_under_consensus_q_above",
        "p",
        lambda unit: unit.consensus_q_above,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Supported or uncertain"),
            _(
                "Tested is whether the consensus precision is strictly above {t}: one-sided p "
                "with the deviation of the unit's interval, adjusted by Benjamini and "
                "Hochberg over all units of the report that have a consensus. Supported: the "
                "adjusted p is below .05. Uncertain: it is not, which is usual with three "
                "answers, even where the number itself is above {t}: the interval is of one "
                "unit alone, the claim is one of many."
            ),
            key="supported",
        ),
        table=NO_TABLE,
    ),
    *attributes("share", "reliability"),
    ReportedNumber(
        "shrunken",
        "precision",
        lambda unit: unit.shrunken,
        Definition(
            PRECISION,
            _("Shrunken precision"),
            _(
                "The unit's precision drawn toward the mean of its layer. The distance is "
                "multiplied by the reliability of the unit's mean, which the Spearman-Brown "
                "formula gives from ICC(1) and the number of answers. Rankings use it because "
                "the top of many units is partly luck."
            ),
        ),
        json="shrunken_precision",
    ),
    *attributes("p", "p_above"),
    ReportedNumber(
        "q_above",
        "p",
        lambda unit: unit.q_above,
        Definition(
            PRECISION,
            _("q of precision above {t}"),
            _(
                "Tested is whether the unit's precision, the mean over all its answers, is "
                "strictly above {t}: one-sided p with the deviation of the unit's interval, "
                "adjusted by Benjamini and Hochberg over all units of the report. About 5 % "
                "of the claims with q below .05 are expected to be false; q near 1 says that "
                "the data do not support the claim, not that the precision is low."
            ),
        ),
        table=NO_TABLE,
    ),
    ReportedNumber(
        "answer_count",
        "count",
        lambda unit: unit.answer_count,
        COUNTED,
        meaning="Answers that count.",
        is_always=True,
    ),
    ReportedNumber(
        "nothing_count",
        "count",
        lambda unit: unit.nothing_count,
        meaning="Answers that say: nothing in common.",
        is_always=True,
    ),
    ReportedNumber(
        "two_things_count",
        "count",
        lambda unit: unit.two_things_count,
        meaning="Answers that say: two things.",
        is_always=True,
    ),
    in_json("accepted_count", "count", lambda unit: unit.assignments.accepted),
    in_json("returned_count", "count", lambda unit: unit.assignments.returned),
    in_json("expired_count", "count", lambda unit: unit.assignments.expired),
    ReportedNumber(
        "return_rate",
        "share",
        lambda unit: unit.assignments.return_rate,
        Definition(
            ANSWERS,
            _("Return rate of a unit"),
            _(
                "Share of its accepted assignments that workers returned. Units that are "
                "often returned are probably hard ones, and fewer workers judged them."
            ),
        ),
        table=NO_TABLE,
    ),
    in_json(
        "dawid_skene_group",
        "number",
        lambda unit: unit.probable_group.group if unit.probable_group else None,
    ),
    in_json(
        "dawid_skene_probability",
        "share",
        lambda unit: unit.probable_group.probability if unit.probable_group else None,
    ),
    in_json("verified", "structure", lambda unit: unit.verified),
    in_json("machine_names", "structure", lambda unit: dict(unit.machine_names)),
    in_json("later_answer_count", "count", lambda unit: unit.later_count),
    in_json("group_with_later_answers", "number", lambda unit: unit.group_of_all),
]


@dataclass(frozen=True, slots=True)
class UnitInLayer:
    """A unit as a row of a table; `activity` is the word that marks it in its layer, or empty."""

    unit: UnitResult
    activity: str


ACTIVITY: ReportedNumber[UnitInLayer] = ReportedNumber(
    "activity",
    "text",
    lambda row: row.activity,
    meaning="dead, dense or broad, if the unit is; else empty.",
    is_always=True,
)


def unit_numbers() -> list[ReportedNumber[UnitInLayer]]:
    """The numbers of a unit in the registry that stand in tables, in the order of the columns."""
    later = len(FIRST_COLUMNS)
    places = {name: place for place, name in enumerate(FIRST_COLUMNS)}
    own = sorted(
        in_table(UNIT),
        key=lambda number: places.get(number.name, later),
    )
    return [*(number.of(lambda row: row.unit) for number in own), ACTIVITY]


def units_in_layer(layer: LayerResult, units: Iterable[UnitResult]) -> Iterator[UnitInLayer]:
    """The rows of a layer's units, for the numbers of the registry."""
    words = layer.activity_by_unit
    return (UnitInLayer(unit, words.get(unit.unit, "")) for unit in units)
