"""Rows read and written fast: those of queries as objects, and inserts of many plain values.

A row of a query is filled by name: a field that moves or is added moves no value. `bulk_create`
takes four times as long as an insert of plain values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import QuerySet

ROWS_AT_ONCE = 2000  # inserted by a statement, where the database gets one for many rows

Row = TypeVar("Row")
Entity = TypeVar("Entity", bound=models.Model)


def only_row(rows: "Iterable[Entity]") -> "Entity | None":
    """The row of a query that has one row at most, or None.

    `first` would order the rows and limit their number, which takes longer than the query.
    """
    return next(iter(rows), None)


def named_rows(make: Callable[..., Row], rows: QuerySet, paths: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a query as objects whose fields are filled by name, loaded one by one.

    Args:
        make: takes the values by keyword, as a dataclass does.
        paths: the field of each value to its lookup path, or to the name of an annotation.
    """
    for values in rows.values_list(*paths.values()):
        yield make(**dict(zip(paths, values, strict=True)))


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows; fields that are not named get their default. Call it in a transaction.

    Args:
        names: of fields; a foreign key is named without `_id`.
        rows: the values of each row as the database has them, a foreign key's is a primary key.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    places = {name: place for place, name in enumerate(names)}
    if unknown := places.keys() - {field.name for field in fields}:
        raise ValueError(f"{model.__name__} has no field {', '.join(sorted(unknown))}.")
    defaults = [None if field.name in places else field.get_default() for field in fields]
    sources = [places.get(field.name) for field in fields]
    whole = (
        [default if at is None else row[at] for at, default in zip(sources, defaults, strict=True)]
        for row in rows
    )
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    into = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "
    one = f"({', '.join(['%s'] * len(fields))})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # takes few values a statement, but repeats it quickly
            cursor.executemany(into + one, whole)
            return
        for some in _parts(whole):
            values = [value for row in some for value in row]
            cursor.execute(into + ", ".join([one] * len(some)), values)


def _parts(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield some
