"""Rows read by name and rows inserted by plain values are those that models have."""

from dataclasses import make_dataclass
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from annotator.models import Exemplar, Image, Unit, rows
from annotator.models.rows import insert_rows, named_rows
from tests.crowd.studies import published_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NAMES = ("unit", "image", "role", "score", "peak_y", "peak_x", "mask")


@pytest.fixture
def unit():
    study = published_study(layers=(("net", "conv1", 1),))
    unit = study.networks.get().layers.get().units.get()
    unit.exemplars.all().delete()
    return unit


def fresh_images(unit, count):
    study = unit.layer.network.study
    return [
        Image.objects.create(study=study, place=10_000 + at, path=f"{at}.jpg")
        for at in range(count)
    ]


def plain(exemplar):
    return {
        field.name: getattr(exemplar, field.attname)
        for field in Exemplar._meta.concrete_fields
        if not field.primary_key
    }


def test_a_row_is_filled_by_name_whatever_the_order_of_its_fields(unit):
    paths = {"key": "pk", "layer": "layer__name", "unit_number": "number"}
    for fields in permutations(paths):
        for asked in permutations(paths):
            row_class = make_dataclass("Row", fields)

            (row,) = named_rows(
                row_class, Unit.objects.all(), {name: paths[name] for name in asked}
            )

            assert (row.key, row.layer, row.unit_number) == (unit.pk, "conv1", unit.number)


def test_a_row_by_its_values_is_the_row_of_the_model(unit):
    one, other = fresh_images(unit, 2)
    saved = Exemplar.objects.create(
        unit=unit, image=one, role="catch", score=0.5, peak_y=1, peak_x=2, mask=3
    )

    insert_rows(Exemplar, NAMES, [(unit.pk, other.pk, "catch", 0.5, 1, 2, 3)])

    inserted = Exemplar.objects.get(image=other)
    assert plain(inserted) == plain(Exemplar.objects.get(pk=saved.pk)) | {"image": other.pk}


def test_more_rows_than_one_statement_takes_are_all_inserted(unit, monkeypatch):
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 2)
    images = fresh_images(unit, 5)

    insert_rows(Exemplar, NAMES, ((unit.pk, each.pk, "catch", 0.5, 1, 2, 3) for each in images))

    assert unit.exemplars.count() == 5


def test_no_row_breaks_a_constraint(unit):
    (image,) = fresh_images(unit, 1)
    row = (unit.pk, image.pk, "catch", 0.5, 1, 2, 3)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Exemplar, NAMES, [row, row])

    assert not unit.exemplars.exists()


def test_a_field_that_there_is_not_is_named(unit):
    with pytest.raises(ValueError, match="Exemplar has no field colour"):
        insert_rows(Exemplar, (*NAMES, "colour"), [])
