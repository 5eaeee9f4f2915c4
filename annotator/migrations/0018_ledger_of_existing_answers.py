"""Answers and bonuses of existing databases get the ledger entries that they would have today."""

from collections.abc import Iterator
from itertools import islice

from django.db import migrations
from django.db.models import Q

ANSWERED = ("submitted", "approved", "rejected", "soft-rejected")
ROWS = 2000  # in one INSERT


def add_entries(apps, schema_editor):
    entry = apps.get_model("annotator", "LedgerEntry")
    entries = (entry(**row) for row in _entries(apps))
    while rows := list(islice(entries, ROWS)):
        entry.objects.bulk_create(rows)


def _entries(apps) -> Iterator[dict]:
    known = apps.get_model("annotator", "KnownAnswer")
    practice = known.objects.filter(Q(for_training=True) | Q(for_qualification=True))
    practised = set(practice.values_list("unit_id", flat=True))
    answered = apps.get_model("annotator", "Assignment").objects.filter(
        worker__kind="person", status__in=ANSWERED
    )
    rows = answered.select_related("worker", "hit__hit_type").order_by("pk")
    for answer in rows.iterator(ROWS):
        yield from _of_answer(answer, answer.unit_id in practised)
    bonuses = apps.get_model("annotator", "Bonus").objects.filter(worker__kind="person")
    for bonus in bonuses.select_related("worker").order_by("pk").iterator(ROWS):
        yield {
            "study_id": bonus.worker.study_id,
            "worker_id": bonus.worker_id,
            "assignment_id": bonus.assignment_id,
            "kind": "bonus",
            "cents": bonus.cents,
            "key": f"bonus {bonus.worker_id} {bonus.token}",
            "words": bonus.reason,
            "at": bonus.at,
        }


def _of_answer(answer, is_practice: bool) -> Iterator[dict]:
    cents = answer.hit.hit_type.reward_cents
    about = {
        "study_id": answer.worker.study_id,
        "worker_id": answer.worker_id,
        "assignment_id": answer.pk,
    }
    submitted_at = answer.submitted_at or answer.accepted_at
    yield about | {
        "kind": "practice" if is_practice else "reward",
        "cents": cents,
        "key": f"reward {answer.key}",
        "words": "practice" if is_practice else "a set of pictures",
        "at": submitted_at,
    }
    if answer.status == "rejected" and cents:
        yield about | {
            "kind": "correction",
            "cents": -cents,
            "key": f"correction {answer.key} 1",
            "words": "the answer was rejected",
            "at": answer.decided_at or submitted_at,
        }


class Migration(migrations.Migration):
    dependencies = [("annotator", "0017_ledger_and_recruitment")]

    operations = [migrations.RunPython(add_entries, migrations.RunPython.noop)]
