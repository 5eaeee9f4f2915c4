"""The numbers about who answered a study, and what became of every assignment.

No number about people is about fewer than five.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from annotator.results.loading.people import MIN_PEOPLE, ClosingCounts, Pay, People
from annotator.results.report.reported_numbers.entries import (
    WHO_ANSWERED,
    Definition,
    ReportedNumber,
    attributes,
    in_json,
)
from annotator.results.report.who_answered import ExclusionFlow, WhoAnswered

# `people` is missing if simulated workers answered, or if answers were imported.
WHO: list[ReportedNumber[WhoAnswered]] = [
    in_json(
        "first_answer_at",
        "time",
        lambda who: who.first_at,
        Definition(
            WHO_ANSWERED,
            _("First and last answer"),
            _(
                "Days (UTC) on which the first and the last answer were submitted, whether "
                "they count or not. Answers imported from a table have no day."
            ),
            key="people_dates",
        ),
    ),
    in_json("last_answer_at", "time", lambda who: who.last_at),
    in_json(
        "return_rate",
        "share",
        lambda who: who.return_rate,
        Definition(
            WHO_ANSWERED,
            _("Rates of returns and exclusions"),
            _("Returned / accepted assignments, and answers that are excluded / submitted ones."),
            key="people_rates",
        ),
    ),
    *attributes("share", "exclusion_rate"),
    in_json(
        "people",
        "structure",
        lambda who: who.people,
        Definition(
            WHO_ANSWERED,
            _("People"),
            _(
                "People who submitted at least one answer that names a unit, whether it "
                "counts or not. Training and qualification are not counted, and neither are "
                "simulated and imported workers."
            ),
        ),
    ),
]


def _details(people: People) -> dict[str, Any]:
    return {
        name: [{"value": value, "people": n} for value, n in counts]
        for name, counts in people.details.items()
    }


def _quantiles(pay: Pay | None) -> dict[str, int] | None:
    return {"5 %": pay.low, "50 %": pay.median, "95 %": pay.high} if pay else None


# `details` has no number below `fewest_people_shown`. Its values are sorted, largest first.
PEOPLE: list[ReportedNumber[People]] = [
    *attributes("count", "count"),
    in_json("fewest_people_shown", "count", lambda people: MIN_PEOPLE),
    in_json(
        "details",
        "structure",
        _details,
        Definition(
            WHO_ANSWERED,
            _("Details of people"),
            _(
                "Country of residence, language and age group as a market's table gives them, "
                "and the kind of device at the first answer; only of people who agreed to a "
                "consent text that says so. Values that fewer than 5 people have are combined "
                'into "other", so no number is of fewer than 5.'
            ),
            key="people_details",
        ),
    ),
    in_json(
        "hourly_pay_cents",
        "structure",
        lambda people: _quantiles(people.pay),
        Definition(
            WHO_ANSWERED,
            _("Hourly pay"),
            _(
                "A person's hourly pay is the sum of their entries in the ledger (rewards, "
                "practice, top-ups to the minimum, bonuses, and what was taken back), divided by "
                "the time that they worked on what they submitted (with the page in view and in "
                "use; if that is not known, from accepting to submitting). The 5, 50 and 95 % "
                "quantiles over people are shown, if there are at least 5."
            ),
            key="people_pay",
        ),
    ),
    in_json(
        "consents",
        "structure",
        lambda people: [{"version": version, "sha256": text} for version, text in people.consents],
    ),
    in_json("consenting_count", "count", lambda people: people.consenting),
    in_json(
        "used_ai_tool",
        "structure",
        lambda people: people.closing,
        Definition(
            WHO_ANSWERED,
            _("Use of AI tools"),
            _(
                "Answers to one question after the last set: did you use an AI tool? No "
                'answer changes the pay, and no answer is excluded for it. The rule "without '
                'ai" leaves out the answers of those who said yes.'
            ),
            key="people_ai",
        ),
    ),
]

CLOSING: list[ReportedNumber[ClosingCounts]] = [
    *attributes("count", "yes", "no", "not_said", "not_answered"),
]

# `excluded` is by reason; `workers_excluded` has the reviewers' own words.
FLOW: list[ReportedNumber[ExclusionFlow]] = [
    *attributes("count", "accepted", "returned", "expired", "open", "submitted"),
    *attributes("structure", "excluded"),
    in_json(
        "workers_excluded",
        "structure",
        lambda flow: [{"why": why, "answer_count": n} for why, n in flow.worker_reasons],
    ),
    *attributes("count", "analysed"),
    in_json("excluded_opened", "count", lambda flow: flow.opened),
    *attributes("share", "return_rate"),
]


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A row of the flow: how many assignments reached a step, or were excluded for a reason."""

    step: str
    reason: str
    count: int


FLOW_STEP: list[ReportedNumber[FlowStep]] = [
    ReportedNumber(
        "step",
        "text",
        lambda row: row.step,
        meaning="accepted, returned, expired, open, submitted, excluded or analysed.",
        is_always=True,
    ),
    ReportedNumber(
        "reason",
        "text",
        lambda row: row.reason,
        meaning="Why they were excluded; else empty.",
        is_always=True,
    ),
    ReportedNumber(
        "count",
        "count",
        lambda row: row.count,
        meaning="Assignments that reached the step, or answers excluded for the reason.",
        is_always=True,
    ),
]


def flow_steps(flow: ExclusionFlow) -> list[FlowStep]:
    """The rows of the flow in the registry, from accepted assignments to analyzed answers."""
    steps = ("accepted", "returned", "expired", "open", "submitted")
    rows = [FlowStep(name, "", getattr(flow, name)) for name in steps]
    rows += [FlowStep("excluded", reason, n) for reason, n in flow.excluded.items()]
    rows += [FlowStep("excluded", "of these not blind", flow.opened)] if flow.opened else []
    return [*rows, FlowStep("analysed", "", flow.analysed)]
