"""Rows of queries as objects, filled by name: a field that moves or is added moves no value."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")


def named_rows(make: Callable[..., Row], rows: QuerySet, paths: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a query as objects whose fields are filled by name, loaded one by one.

    Args:
        make: takes the values by keyword, as a dataclass does.
        paths: the field of each value to its lookup path, or to the name of an annotation.
    """
    for values in rows.values_list(*paths.values()):
        yield make(**dict(zip(paths, values, strict=True)))
