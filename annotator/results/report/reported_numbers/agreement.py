"""The numbers of a layer that say whether its workers agree."""

from django.utils.translation import gettext_noop as _

from annotator.results.report.layer import LayerResult
from annotator.results.report.reported_numbers.entries import (
    AGREEMENT,
    OF_AGREEMENT,
    Definition,
    IntervalOf,
    ReportedNumber,
)
from annotator.results.report.reported_numbers.terms import AGREEMENT_INTERVAL
from annotator.results.stats.shrinkage import answers_for_reliability


def _measure(name: str, title: str, rule: str) -> ReportedNumber[LayerResult]:
    """A measure of stats.agreement, with its interval over workers."""
    return ReportedNumber(
        name,
        "coefficient",
        lambda layer: getattr(layer.agreement, name),
        Definition(AGREEMENT, title, rule),
        IntervalOf(lambda layer: layer.agreement_intervals.get(name), AGREEMENT_INTERVAL),
        json=f"agreement.{name}",
        table=OF_AGREEMENT,
    )


AGREEMENT_OF_WORKERS: list[ReportedNumber[LayerResult]] = [
    ReportedNumber(
        "unanimous_share",
        "share",
        lambda layer: layer.unanimous_share,
        Definition(
            AGREEMENT,
            _("All answers choose one group"),
            _(
                "Share of the units whose answers all chose the same group, out of units with "
                "at least two answers."
            ),
        ),
    ),
    _measure(
        "raw",
        _("Raw agreement"),
        _("Mean over units of the share of pairs of answers that choose the same group."),
    ),
    _measure(
        "alpha_nominal",
        _("Krippendorff's alpha, nominal"),
        _(
            "Agreement on groups beyond chance, where two groups are the same or "
            "different. It collapses where nearly all answers choose one group: compare "
            "raw agreement and AC1."
        ),
    ),
    _measure(
        "alpha_ordinal",
        _("Krippendorff's alpha, ordinal"),
        _(
            "The same, where two groups are nearer or farther in their order from simple "
            "elements to scenes."
        ),
    ),
    _measure(
        "ac1",
        _("Gwet's AC1"),
        _("Agreement on groups beyond a chance that stays small where one group dominates."),
    ),
    _measure(
        "icc_1",
        _("ICC(1)"),
        _(
            "Reliability of one answer's precision: the share of its variance that is "
            "between units."
        ),
    ),
    _measure(
        "icc_k",
        _("ICC(k)"),
        _("Reliability of a unit's mean precision, at the layer's usual number of answers."),
    ),
    _measure(
        "marks_raw",
        _("Raw agreement on marks"),
        _(
            "Mean over pictures of the share of pairs of answers that judge the picture "
            "alike, among answers that share a merged concept: a worker who sees "
            "something else marks other pictures."
        ),
    ),
    _measure(
        "marks_alpha",
        _("Krippendorff's alpha of marks"),
        _(
            "Agreement beyond chance on which pictures fit, among answers that share a "
            "concept. It collapses where most pictures fit: compare raw agreement and "
            "AC1."
        ),
    ),
    _measure(
        "marks_ac1",
        _("Gwet's AC1 of marks"),
        _("The same beyond a chance that stays small where most pictures fit."),
    ),
    ReportedNumber(
        "answers_for_reliability",
        "count",
        lambda layer: answers_for_reliability(layer.agreement.icc_1),
        Definition(
            AGREEMENT,
            _("Answers for a reliability of .8"),
            _(
                "How many answers each unit needs before its mean precision has a reliability "
                "of .8, from ICC(1) by the Spearman-Brown formula. With fewer, compare layers, "
                "not units. Missing where ICC(1) is not above 0."
            ),
        ),
    ),
]
