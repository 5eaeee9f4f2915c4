"""The ledger: one entry a key, only for people, and only corrections take away."""

import pytest
from django.db import IntegrityError, transaction

from annotator.models import LedgerEntry, Study, Worker
from annotator.pay.ledger import Kind, LedgerError, owe, unpaid_cents

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return Study.objects.create(name="rooms")


@pytest.fixture
def worker(study):
    return Worker.objects.create(study=study)


def test_an_amount_is_owed_once_a_key(study, worker):
    first = owe(worker, Kind.REWARD, 80, "reward a", "set 1")
    again = owe(worker, Kind.REWARD, 80, "reward a", "set 1")
    owe(worker, Kind.REWARD, 80, "reward b", "set 2")

    assert first == again
    assert unpaid_cents(study) == {worker.pk: 160}


@pytest.mark.parametrize("change", [{"cents": 81}, {"kind": Kind.BONUS}, {"worker": "another"}])
def test_a_key_never_stands_for_something_else(study, worker, change):
    fields = {"worker": worker, "kind": Kind.REWARD, "cents": 80}
    owe(**fields, key="reward a", words="set 1")
    if "worker" in change:
        change = {"worker": Worker.objects.create(study=study)}

    with pytest.raises(LedgerError, match="'reward a' is in the ledger with 80 cents"):
        owe(**(fields | change), key="reward a", words="set 1")

    assert LedgerEntry.objects.get().cents == 80


@pytest.mark.parametrize("kind", [Worker.Kind.SIMULATED, Worker.Kind.IMPORTED])
def test_only_persons_are_owed_money(study, kind):
    nobody = Worker.objects.create(study=study, kind=kind)

    assert owe(nobody, Kind.REWARD, 80, "reward a", "set 1") is None
    assert unpaid_cents(study) == {}


def test_only_a_correction_takes_away(study, worker):
    owe(worker, Kind.REWARD, 80, "reward a", "set 1")
    owe(worker, Kind.CORRECTION, -80, "correction a", "set 1 was rejected")

    with pytest.raises(IntegrityError), transaction.atomic():
        owe(worker, Kind.BONUS, -1, "bonus a", "less")

    assert unpaid_cents(study) == {}
