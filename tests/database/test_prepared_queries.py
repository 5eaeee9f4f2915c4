"""A prepared query gives what its queryset gives, and its SQL is made once."""

from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from annotator.database.prepared_queries import Parameter, PreparedQuery, prepared_rows
from annotator.models import Assignment, Exemplar, Hit, Unit
from annotator.models.rows import named_rows
from tests.crowd.studies import published_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def units():
    published_study(layers=(("net", "conv1", 3),))
    return list(Unit.objects.order_by("pk"))


def hits_by(unit):
    answered = Exists(Assignment.objects.filter(hit=OuterRef("pk")))
    hits = Hit.objects.select_related("unit__layer").filter(unit=unit)
    return hits.annotate(is_answered=answered).order_by("pk")


def test_it_gives_the_objects_of_the_queryset_with_related_ones_and_annotations(units):
    prepared = PreparedQuery(hits_by(Parameter("unit")))

    for unit in [*units, *units]:
        (hit,) = hits_by(unit)
        (own,) = prepared(unit=unit.pk)
        assert own == hit
        assert vars(own).keys() == vars(hit).keys()
        assert own.unit == unit
        assert own.unit.layer == hit.unit.layer
        assert own.is_answered is False
        assert own.published_at == hit.published_at
    assert prepared(unit=0) == []


def test_it_gives_the_values_of_the_queryset_and_sees_what_changed(units):
    exemplars = Exemplar.objects.order_by("pk").values_list("pk", "slot", "image__path")
    prepared = PreparedQuery(exemplars.filter(unit=Parameter("unit"), role=Parameter("role")))
    unit = units[0]

    before = prepared(unit=unit.pk, role="top")
    assert before == list(exemplars.filter(unit=unit, role="top")) != []
    unit.exemplars.filter(pk=before[0][0]).delete()
    assert prepared(unit=unit.pk, role="top") == before[1:]


def test_rows_are_filled_by_name(units):
    paths = {"number": "number", "layer": "layer__name"}
    prepared = prepared_rows(dict, Unit.objects.filter(pk=Parameter("unit")), paths)

    assert prepared(unit=units[1].pk) == list(
        named_rows(dict, Unit.objects.filter(pk=units[1].pk), paths)
    )


def test_its_sql_is_made_once(units, monkeypatch):
    made, as_sql = [], SQLCompiler.as_sql
    monkeypatch.setattr(
        SQLCompiler, "as_sql", lambda *args, **options: made.append(1) or as_sql(*args, **options)
    )
    prepared = PreparedQuery(Unit.objects.filter(pk=Parameter("unit")))

    assert [prepared(unit=unit.pk) for unit in units] == [[unit] for unit in units]
    assert len(made) == 1


def test_a_parameter_needs_a_value(units):
    with pytest.raises(KeyError, match="unit"):
        PreparedQuery(Unit.objects.filter(pk=Parameter("unit")))(layer=1)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_transactions_alone(units):
    locked = PreparedQuery(Unit.objects.filter(pk=Parameter("unit")).select_for_update())
    with transaction.atomic():
        assert locked(unit=units[0].pk) == units[:1]

    with pytest.raises(TransactionManagementError):
        locked(unit=units[0].pk)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(units):
    prepared, seen = PreparedQuery(Unit.objects.filter(pk=Parameter("unit"))), []

    def ask():
        seen.extend(prepared(unit=units[0].pk))
        connection.close()

    assert prepared(unit=units[0].pk) == units[:1]
    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == units[:1]
