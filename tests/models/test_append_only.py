"""Ledger entries are not changed but for state and batch: by the models, and by the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from annotator.models import LedgerEntry, PayoutBatch, Study, Worker
from annotator.models.ledger import AppendOnly
from annotator.pay.ledger import Kind, owe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def entry():
    worker = Worker.objects.create(study=Study.objects.create(name="rooms"))
    return owe(worker, Kind.REWARD, 80, "reward a", "a set of pictures")


@pytest.mark.parametrize(
    ("column", "value"),
    [("cents", 81), ("kind", "bonus"), ("key", "reward b"), ("words", "more"), ("at", None)],
)
def test_an_entry_is_not_changed_by_its_model(entry, column, value):
    with pytest.raises(AppendOnly, match="add a correction"):
        LedgerEntry.objects.filter(pk=entry.pk).update(**{column: value})
    setattr(entry, column, value)
    with pytest.raises(AppendOnly, match="add a correction"):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.save(update_fields=[column])

    assert LedgerEntry.objects.get().cents == 80


@pytest.mark.parametrize(
    "change",
    ["cents = 81", "kind = 'bonus'", "key = 'b'", "words = ''", "at = '2020-01-01'"]
    + ["worker_id = worker_id + 1", "study_id = study_id + 1", "assignment_id = 1"],
)
def test_an_entry_is_not_changed_by_the_database_either(entry, change):
    with (
        pytest.raises(DatabaseError, match="not changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE annotator_ledgerentry SET {change}")

    assert LedgerEntry.objects.get().cents == 80


def test_an_entry_is_not_deleted(entry):
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(AppendOnly):
        LedgerEntry.objects.all().delete()


def test_state_and_batch_of_an_entry_change(entry):
    batch = PayoutBatch.objects.create(study=entry.study, market="local")

    LedgerEntry.objects.update(state="sent", batch=batch)
    entry.refresh_from_db()
    entry.state = "confirmed"
    entry.save(update_fields=["state"])

    assert LedgerEntry.objects.values_list("state", "batch").get() == ("confirmed", batch.pk)
