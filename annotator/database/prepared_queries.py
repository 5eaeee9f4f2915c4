"""Queries that are put together and compiled once, for those that every request asks.

Django takes ten times as long to make the SQL of such a query as to have it answered.

>>> WORKERS = PreparedQuery(Worker.objects.select_related("study").filter(pk=Parameter("worker")))
>>> WORKERS(worker=7)
[<Worker: ...>]
"""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, TypeVar

from django.db import connections, models
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Parameter(Expression):
    """Stands in a prepared query for a value that it gets whenever it is run.

    The value goes to the database as it is, such as a primary key or a string.
    """

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list["Parameter"]]:
        return "%s", [self]


class PreparedQuery:
    """A query whose SQL is made when it runs for the first time, and kept.

    Args:
        rows: a queryset with a `Parameter` for each value that differs from run to run.
    """

    def __init__(self, rows: QuerySet) -> None:
        self._rows = rows
        self._compiled: dict[str, tuple[SQLCompiler, str, tuple[Any, ...]]] = {}  # by database

    def __call__(self, **values: Any) -> list[Any]:
        """The rows of the query, as the queryset would give them.

        Raises:
            KeyError: a parameter has no value.
            TransactionManagementError: it locks rows, and there is no transaction.
        """
        rows = self._rows.all()

        def get_compiler(using: str, **options: Any) -> SQLCompiler:
            return self._compiler(using, values)

        rows.query.get_compiler = get_compiler
        return list(rows)

    def _compiler(self, database: str, values: Mapping[str, Any]) -> SQLCompiler:
        """Django's compiler of this query with its SQL as it was made before."""
        query, connection = self._rows.query, connections[database]
        if query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked only in a transaction.")
        if database not in self._compiled:
            compiler = query.get_compiler(using=database)
            self._compiled[database] = (compiler, *compiler.as_sql())
        compiler, sql, parameters = self._compiled[database]
        bound = tuple(values[p.name] if isinstance(p, Parameter) else p for p in parameters)
        compiler = copy(compiler)  # each thread has a connection of its own
        compiler.connection, compiler.as_sql = connection, lambda: (sql, bound)
        return compiler


def prepared_rows(
    make: Callable[..., Row], rows: QuerySet, paths: Mapping[str, str]
) -> Callable[..., list[Row]]:
    """A prepared query whose rows are filled by name, as `named_rows` does it."""
    query = PreparedQuery(rows.values_list(*paths.values()))
    return lambda **values: [make(**dict(zip(paths, row, strict=True))) for row in query(**values)]
