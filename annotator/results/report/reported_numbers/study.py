"""The numbers of a whole study: which answers count, its parts and what it planned."""

from django.utils.translation import gettext_noop as _

from annotator.models.answer import Group
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import (
    ANSWERS,
    GROUPS_AND_CONCEPTS,
    NETWORKS_AND_PLANS,
    Definition,
    ReportedNumber,
    attributes,
    in_json,
)
from annotator.results.report.reported_numbers.layer import AS_ANALYSED

STUDY: list[ReportedNumber[StudyReport]] = [
    *attributes("text", "study"),
    in_json("simulated", "flag", lambda report: report.is_simulated),
    *attributes("text", "notice"),
    *attributes("setting", "threshold"),
    *attributes("count", "answer_count"),
    in_json(
        "worker_count",
        "count",
        lambda report: report.worker_count,
        Definition(
            ANSWERS,
            _("Workers"),
            _(
                "Number of different workers among the answers that count. Not shown where an "
                "imported table does not say who gave which answer."
            ),
            key="workers",
        ),
    ),
    in_json(
        "excluded",
        "structure",
        lambda report: {
            "answer_count": sum(report.excluded.values()),
            "reasons": {reason: report.excluded.get(reason, 0) for reason in EXCLUSIONS},
        },
    ),
    in_json("other_crowd_answer_count", "count", lambda report: report.other_count),
    in_json("variant", "text", lambda report: report.variant or AS_ANALYSED),
    in_json(
        "variant_answer_counts",
        "structure",
        lambda report: {name or AS_ANALYSED: n for name, n in report.variant_counts.items()},
    ),
    *attributes("count", "first_answers"),
    in_json("looks", "count", lambda report: report.looks.early),
    in_json("extensions", "count", lambda report: report.looks.extensions),
    in_json(
        "merge_version",
        "count",
        lambda report: report.merge_version,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Version of the merged words"),
            _(
                "How many times, before this report was made, somebody merged words, kept "
                "words apart, or undid either. The words as typed are kept, and every version "
                "can be made again."
            ),
        ),
    ),
    in_json(
        "flow",
        "structure",
        lambda report: report.flow,
        Definition(
            ANSWERS,
            _("Flow of exclusions"),
            _(
                "Every accepted assignment was returned, expired, is still open, or was "
                "submitted. Every submitted answer was either excluded, under the first "
                "reason that applies, or analyzed."
            ),
        ),
    ),
    *attributes("structure", "who_answered"),
    in_json(
        "group_names", "structure", lambda report: {group.value: group.label for group in Group}
    ),
]

# After the rules.
PARTS: list[ReportedNumber[StudyReport]] = [
    *attributes("structure", "comparisons"),
    in_json(
        "plan",
        "structure",
        lambda report: report.plan,
        Definition(
            NETWORKS_AND_PLANS,
            _("Plan against done"),
            _(
                "The newest plan that was frozen with `preregister`, its hash and date, and "
                "for each of its points what was done. A hypothesis is supported where every "
                "layer that it names shows the planned difference with an adjusted p below "
                ".05."
            ),
        ),
    ),
    *attributes("structure", "methods", "networks"),
]
