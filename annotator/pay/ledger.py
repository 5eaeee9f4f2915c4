"""The ledger: what a study owes each worker, in entries that are added and never changed."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum

from annotator.models import Assignment, LedgerEntry, Study, Worker

Kind = LedgerEntry.Kind
OF_ANSWERS = (Kind.REWARD, Kind.PRACTICE)  # one of them for each answer, and its corrections


class LedgerError(ValueError):
    """An entry contradicts one that the ledger has."""


def owe(
    worker: Worker,
    kind: Kind,
    cents: int,
    key: str,
    words: str,
    assignment: Assignment | None = None,
) -> LedgerEntry | None:
    """Add an amount that the study owes a person. Idempotent: one entry a key.

    Call it in the transaction of what it pays for.

    Args:
        cents: below 0 in corrections alone.
        key: names what is paid for, such as `reward KEY-OF-ASSIGNMENT`; never made from a clock.
        words: what it is for, in a phrase that the worker reads.

    Returns:
        The entry of the key; None for workers that are not persons, who are owed nothing.

    Raises:
        LedgerError: the key has an entry of another worker, kind or amount.
    """
    if worker.kind != Worker.Kind.PERSON:
        return None
    entry = _add_or_load(LedgerEntry(
        study_id=worker.study_id, worker=worker, assignment=assignment, kind=kind, cents=cents,
        key=key, words=words,
    ))  # fmt: skip
    if (entry.worker_id, entry.kind, entry.cents) != (worker.pk, kind, cents):
        raise LedgerError(
            f"{key!r} is in the ledger with {entry.cents} cents for worker {entry.worker} "
            f"({entry.kind}), not with {cents} for {worker} ({kind}). A correction is an entry of "
            "its own."
        )
    return entry


def _add_or_load(entry: LedgerEntry) -> LedgerEntry:
    """Add an entry, or load the one that has its key. Most are new, so it inserts first."""
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
        return entry
    except IntegrityError:
        there = LedgerEntry.objects.filter(study_id=entry.study_id, key=entry.key).first()
        if there is None:  # something else is wrong with it
            raise
        return there


def owe_reward(assignment: Assignment, is_practice: bool) -> LedgerEntry | None:
    """Add the reward of a submitted answer to the ledger; practice is paid like any set.

    Call it in the transaction of the submit. Idempotent, and None, as `owe`.

    Args:
        is_practice: its unit is for training or qualification.
    """
    return owe(
        assignment.worker,
        Kind.PRACTICE if is_practice else Kind.REWARD,
        assignment.hit.hit_type.reward_cents,
        f"reward {assignment.key}",
        "practice" if is_practice else "a set of pictures",
        assignment,
    )


def correct_rewards(assignments: Iterable[Assignment], is_paid: bool) -> None:
    """Enter corrections in the ledger after decisions: rewards taken back or restored. Idempotent.

    Call it in the transaction of the decision, in which the assignments are locked.

    Args:
        is_paid: whether these answers are paid from now on.
    """
    answers = {assignment.pk: assignment for assignment in assignments}
    rows = LedgerEntry.objects.filter(Q(kind__in=OF_ANSWERS) | Q(kind=Kind.CORRECTION))
    sums = rows.filter(assignment__in=answers).order_by("assignment").values("assignment")
    sums = sums.annotate(
        now=Sum("cents"),
        reward=Sum("cents", filter=Q(kind__in=OF_ANSWERS), default=0),
        corrections=Count("pk", filter=Q(kind=Kind.CORRECTION)),
    )
    for row in sums:
        change = (row["reward"] if is_paid else 0) - row["now"]
        answer = answers[row["assignment"]]
        if change:
            owe(
                answer.worker,
                Kind.CORRECTION,
                change,
                f"correction {answer.key} {row['corrections'] + 1}",
                "the rejection was taken back" if is_paid else "the answer was rejected",
                answer,
            )


def unpaid_cents(study: Study) -> dict[int, int]:
    """Cents that are still owed, by the primary key of the worker; workers owed 0 are left out."""
    rows = LedgerEntry.objects.filter(study=study, state__in=LedgerEntry.UNPAID)
    sums = rows.values("worker").annotate(cents=Sum("cents")).order_by("worker")
    return {row["worker"]: row["cents"] for row in sums if row["cents"]}
