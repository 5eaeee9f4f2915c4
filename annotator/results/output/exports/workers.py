"""The tables of workers, their attempts and remarks, and of what people did to the study.

Workers who do not share their answers are in none of them, but for what others did about them.
What says who a person is, and remarks, are in tables of their own, which only requesters get.
"""

import json
from collections.abc import Iterator

from django.db.models import Count, Q, QuerySet, Sum

from annotator.models import Answer, Attempt, AuditRow, Study, Worker
from annotator.results.loading.answers import IDENTITY_COLUMNS
from annotator.results.loading.people import pseudonym
from annotator.results.output.exports.columns import UNIT, WORKER, Row, columns

WORKERS = (
    *WORKER,
    *columns(
        ("accepted", "whole", "HITs taken."),
        ("returned", "whole", "HITs given back."),
        ("expired", "whole", "HITs whose time ran out."),
        ("answer_count", "whole", "Answers submitted, whether they count or not."),
        ("catch_shown", "whole", "Catch images shown in all."),
        ("catch_marked_at_first", "whole", "Of these, marked at first submit."),
        ("repeat_shown", "whole", "Mirrored repeats of best images shown in all."),
        ("repeat_marked", "whole", "Of these, marked."),
        ("trained_at", "time", "When the training was finished, UTC."),
        ("qualified_at", "time", "When the qualification was passed, UTC."),
        ("qualification_score", "number", "Share of the qualification's units that were right."),
        ("excluded_at", "time", "When a reviewer excluded all of the worker's answers, UTC."),
        ("excluded_why", "text", "The reason that was given for it."),
    ),
)
ATTEMPTS = (
    *UNIT,
    *WORKER,
    *columns(
        ("answer", "whole", "The answer that came of it; empty while there is none."),
        ("number", "whole", "Which press of submit on this HIT, from 1."),
        ("was_refused", "flag", "Whether the worker was asked to look again."),
        ("at", "time", "When, UTC."),
        ("said", "text", "The answer as submitted, as JSON: concept, group, marked slots."),
    ),
)
PEOPLE = (
    *WORKER,
    *columns(
        ("country", "text", "Of residence, from a market's table; empty where not known."),
        ("language", "text", "From a market's table."),
        ("age_band", "text", "The age group, from a market's table."),
        ("device", "text", "phone, tablet or desktop, at the first answer."),
        (
            "used_ai",
            "flag",
            "Whether the worker said that they used an AI tool; empty where they did not say.",
        ),
        ("asked_at", "time", "When the worker answered that question, UTC."),
    ),
)
REMARKS = (
    *columns(("answer", "whole", "The answer's number; the same in every table.")),
    *UNIT,
    *WORKER,
    *columns(
        ("remark", "text", "What else the worker wrote, as typed: read it before you pass it on."),
        ("given_at", "time", "When the answer was submitted, UTC."),
    ),
)
AUDIT = columns(
    ("at", "time", "When, UTC."),
    ("actor", "text", "A pseudonym of the account; or command, or at the machine."),
    ("action", "text", "What was done."),
    ("unit", "text", "Network, layer and unit it was done about, if any."),
    ("worker", "text", "The worker it was done about, as in the other tables."),
    ("detail", "text", "Field by field what it was and what it is, as JSON."),
)


def worker_rows(study: Study) -> Iterator[Row]:
    answered = "assignments__answer"
    sums = ("catch_shown", "catch_marked_at_first", "repeat_shown", "repeat_marked")
    counts = {
        "accepted": Count("assignments"),
        "returned": Count("assignments", filter=Q(assignments__status="returned")),
        "expired": Count("assignments", filter=Q(assignments__status="expired")),
        "answer_count": Count(answered),
        **{name: Sum(f"{answered}__{name}", default=0) for name in sums},
    }
    stored = [column.name for column in WORKERS[2 + len(counts) :]]
    rows = _sharing(study).order_by("pk").annotate(**counts)
    for key, *row in rows.values_list("key", "kind", *counts, *stored).iterator():
        yield (pseudonym(study.key, key), *row)


def _sharing(study: Study) -> QuerySet[Worker]:
    """The workers of a study but those who do not share their answers."""
    unshared = study.workers.refusing_to_share().values("pk")
    sharing: QuerySet[Worker] = study.workers.exclude(pk__in=unshared)
    return sharing


def people_rows(study: Study) -> Iterator[Row]:
    """Export what is known of who each person is; who is not a person has no row."""
    people = _sharing(study).filter(kind=Worker.Kind.PERSON).order_by("pk")
    details = [f"details__{column.name}" for column in PEOPLE[2:6]]
    closing = ["closing_answer__used_ai", "closing_answer__at"]
    rows = people.values_list("key", "kind", *details, *closing)
    for key, kind, *row, used_ai, asked_at in rows.iterator():
        yield (
            pseudonym(study.key, key),
            kind,
            *(value or None for value in row),
            used_ai,
            asked_at,
        )


def remark_rows(study: Study) -> Iterator[Row]:
    answers = Answer.objects.filter(assignment__unit__layer__network__study=study)
    rows = answers.exclude(remark="").filter(assignment__worker__in=_sharing(study)).order_by("pk")
    stored = rows.values_list(*IDENTITY_COLUMNS.values(), "remark", "given_at")
    for *unit, key, kind, remark, given_at in stored.iterator():
        yield (*unit, pseudonym(study.key, key), kind, remark, given_at)


def attempt_rows(study: Study) -> Iterator[Row]:
    attempts = Attempt.objects.filter(assignment__unit__layer__network__study=study)
    attempts = attempts.filter(assignment__worker__in=_sharing(study))
    rows = attempts.order_by("pk").values_list(
        "assignment__unit__layer__network__name",
        "assignment__unit__layer__name",
        "assignment__unit__number",
        "assignment__worker__key",
        "assignment__worker__kind",
        "assignment__answer",
        "number",
        "was_refused",
        "at",
        "form",
    )
    for network, layer, unit, key, *row, form in rows.iterator():
        yield (network, layer, unit, pseudonym(study.key, key), *row, as_json_text(form))


def audit_rows(study: Study) -> Iterator[Row]:
    rows = (
        AuditRow.objects.filter(study=study)
        .order_by("pk")
        .select_related("worker", "hit__unit__layer__network", "assignment__unit__layer__network")
    )
    for row in rows.iterator(chunk_size=2000):
        has_account = row.actor_id is not None
        yield (
            row.at,
            pseudonym(study.key, f"account {row.actor_id}") if has_account else row.actor_name,
            row.action,
            _unit(row),
            pseudonym(study.key, row.worker.key) if row.worker else None,
            as_json_text(row.detail),
        )


def _unit(row: AuditRow) -> str | None:
    subject = row.hit or row.assignment
    if subject is None:
        return None
    return f"{subject.unit.layer.network} {subject.unit.layer} {subject.unit.number}"


def as_json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
