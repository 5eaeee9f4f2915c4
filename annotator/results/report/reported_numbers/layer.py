"""The numbers of a layer."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_noop as _

from annotator.results.report.chance_levels import ChanceLevel
from annotator.results.report.layer import Headline, LayerResult
from annotator.results.report.reported_numbers.agreement import AGREEMENT_OF_WORKERS
from annotator.results.report.reported_numbers.chance import ChanceInLayer
from annotator.results.report.reported_numbers.entries import (
    ANSWERS,
    NO_TABLE,
    PRECISION,
    Definition,
    IntervalOf,
    Measure,
    ReportedNumber,
    attributes,
    in_json,
    number_named,
)
from annotator.results.report.reported_numbers.groups import DETECTORS, GROUPS_OF_ANSWERS
from annotator.results.report.reported_numbers.terms import COUNTED, SHARE_INTERVAL

AS_ANALYSED = "as analysed"  # the variant that has no name


def _activity(word: str, meaning: str, definition: Definition) -> list[ReportedNumber[LayerResult]]:
    """How many of a layer's units a word marks, and in JSON which."""
    return [
        ReportedNumber(
            f"{word}_unit_count",
            "count",
            lambda layer: layer.activity_counts[word],
            definition,
            meaning=meaning,
            json=f"activity.{word}.unit_count",
            is_always=True,
        ),
        ReportedNumber(
            f"{word}_units",
            "structure",
            lambda layer: layer.activity.get(word, ()),
            json=f"activity.{word}.units",
            table=NO_TABLE,
        ),
    ]


# In the order of JSON and of the columns of tables.
LAYER: list[ReportedNumber[LayerResult]] = [
    *attributes("text", "name", "display_name"),
    ReportedNumber(
        "unit_count",
        "count",
        lambda layer: layer.unit_count,
        meaning="Units that the layer has, answered or not.",
        is_always=True,
    ),
    ReportedNumber(
        "answered_unit_count",
        "count",
        lambda layer: layer.answered_unit_count,
        Definition(
            ANSWERS,
            _("Units answered"),
            _("Units of the layer with at least one answer that counts, out of all its units."),
            key="units_answered",
        ),
        meaning="Units with an answer that counts.",
        is_always=True,
    ),
    *_activity(
        "dead",
        "Units of the layer to which all images give one score; not published.",
        Definition(
            ANSWERS,
            _("Dead units"),
            _(
                "Units to which all images give one score: they never fire, or put out one "
                "value. Which images are their top ones is arbitrary, so they are not "
                "published unless that is asked for. They stay in the number of units that a "
                "layer has."
            ),
            key="dead",
        ),
    ),
    *_activity(
        "dense",
        "Latents that fire on more than half of the images; not published.",
        Definition(
            ANSWERS,
            _("Dense latents"),
            _(
                "Latents of a sparse autoencoder with a score above 0 for more than half of "
                "the images. They are not published unless that is asked for, and stay in the "
                "number of units."
            ),
            key="dense",
        ),
    ),
    *_activity(
        "broad",
        "Units for which most images exceed half of the highest score.",
        Definition(
            ANSWERS,
            _("Broad units"),
            _(
                "Units for which more than half of the images exceed half of the highest "
                "score. That is a mark alone: they are published like others. Where there are "
                "more than 4,096 images, the share is of a fixed random sample of that many."
            ),
            key="broad",
        ),
    ),
    ReportedNumber(
        "answer_count",
        "count",
        lambda layer: layer.answer_count,
        COUNTED,
        meaning="Answers that count.",
        is_always=True,
    ),
    ReportedNumber(
        "mean_precision",
        "precision",
        lambda layer: layer.mean_precision,
        Definition(
            PRECISION,
            _("Mean precision of a layer"),
            _("Mean of the precision of its answered units."),
        ),
        IntervalOf(
            lambda layer: layer.interval,
            Definition(
                PRECISION,
                _("Interval of a layer"),
                _(
                    "95 % interval over workers, each with all their answers: t times the "
                    "deviation of what each worker contributes to the mean, every answer being "
                    "compared with the others about its unit. The deviation is not below what "
                    "answers differ by when their units and workers are taken off, nor below that "
                    "of judging each picture at random. t has fewer degrees of freedom where a "
                    "few workers gave most of the answers. Where every answer is 0, or every one "
                    "1, the interval is Clopper and Pearson's over workers, unreliable below 30; "
                    "otherwise it is unreliable with fewer than 10 workers. Where only a sample "
                    "of the layer's units was published, it is over units and workers: what other "
                    "units of the layer would give is in it too. Not shown where answers do not "
                    "say who gave them."
                ),
            ),
        ),
    ),
    in_json("is_sampled", "flag", lambda layer: layer.is_sampled),
    in_json(
        "between_worker_deviation",
        "deviation",
        lambda layer: layer.spread.deviation if layer.spread else None,
    ),
    ReportedNumber(
        "mean_precision_of_one_thing",
        "precision",
        lambda layer: layer.mean_precision_of_one_thing,
        Definition(
            PRECISION,
            _('Mean precision without "nothing" and "two things"'),
            _("The same mean over the answers that name exactly one thing."),
        ),
    ),
    ReportedNumber(
        "share_of_units_above",
        "share",
        lambda layer: layer.share_of_units_above,
        Definition(
            PRECISION,
            _("Units above {t}"),
            _("Share of the answered units whose precision is strictly above {t}."),
        ),
        IntervalOf(lambda layer: layer.share_of_units_above_interval, SHARE_INTERVAL),
    ),
    ReportedNumber(
        "share_of_answers_above",
        "share",
        lambda layer: layer.share_of_answers_above,
        Definition(
            PRECISION,
            _("Answers above {t}"),
            _("Share of the counted answers whose own precision is strictly above {t}."),
        ),
    ),
    ReportedNumber(
        "nothing_share",
        "share",
        lambda layer: layer.nothing_share,
        Definition(
            ANSWERS,
            _("Nothing in common"),
            _(
                "Share of the counted answers that say the images have nothing in common. "
                "Their precision is 0, and they have no group."
            ),
        ),
    ),
    ReportedNumber(
        "two_things_share",
        "share",
        lambda layer: layer.two_things_share,
        Definition(
            ANSWERS,
            _("Two things"),
            _("Share of the counted answers that name two things. The first one counts."),
        ),
    ),
    *AGREEMENT_OF_WORKERS,
    *GROUPS_OF_ANSWERS,
    *DETECTORS,
    in_json("chance", "structure", lambda layer: beside_chance(layer)),
    in_json("verified", "structure", lambda layer: layer.verified),
    in_json(
        "curve",
        "structure",
        lambda layer: layer.curve,
        Definition(
            PRECISION,
            _("Share above every threshold"),
            _(
                "Share of the answered units, and share of the counted answers, whose "
                "precision is strictly above a threshold, for 101 thresholds from 0 to 1. "
                "Where two curves cross, the threshold decides which layer is ahead."
            ),
        ),
    ),
    in_json(
        "variants",
        "structure",
        lambda layer: {name or AS_ANALYSED: each for name, each in layer.variants.items()},
        Definition(
            ANSWERS,
            _("With and without doubtful answers"),
            _(
                "The same numbers four more times: without the workers who have a signal "
                "against them, without those who said that they used an AI tool, with the "
                "answers that reviewers excluded, and with the answers that came after a "
                "unit's first ones. No rule looks at concept or precision."
            ),
        ),
    ),
    in_json("unit_results", "structure", lambda layer: layer.units),
]

# What a variant, another rule for which answers count, has of a layer.
HEADLINE: list[ReportedNumber[Headline]] = [
    *attributes("count", "answer_count"),
    *attributes("precision", "mean_precision"),
    in_json("mean_precision_interval", "interval", lambda headline: headline.interval),
    *attributes("share", "share_of_units_above"),
]


def beside_chance(
    layer: LayerResult, conditions: Mapping[str, str] = MappingProxyType({})
) -> list[ChanceInLayer]:
    """A layer's reported numbers that are headlines, each beside the level of each control.

    Args:
        conditions: of the controls, by name.
    """
    return [
        ChanceInLayer(level, headline_value(layer, level), conditions.get(level.control, ""))
        for level in layer.chance
    ]


def headline_value(layer: LayerResult, chance: ChanceLevel) -> float | None:
    """A layer's reported number beside which a chance level stands: its value."""
    if chance.group is not None:
        return layer.groups.shares[chance.group]
    value: float | None = number_named(LAYER, chance.number).value(layer)
    return value


def headline_measure(chance: ChanceLevel) -> Measure:
    """What a layer's reported number is measured in, where a chance level stands beside it."""
    return "share" if chance.group is not None else number_named(LAYER, chance.number).measure
