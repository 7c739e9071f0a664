"""Queries whose SQL is built once, and run with other values each time.

Django builds the SQL of a query anew each time. For the queries of every page that takes several
times as long as to run them. A prepared query is an ordinary queryset with `Given` values in it.
"""

import copy
import re
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import BooleanField, Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Parameter(NamedTuple):
    """A parameter of the SQL that is given when the query runs."""

    name: str
    field: "Field[Any, Any] | None"  # None where a query is given


class Given(Expression):
    """A value in a queryset that each run of the prepared query gives by this name."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [Parameter(self.name, self.output_field)]


class GivenKeys(Expression):
    """The query after `pk__in=` that each run gives by this name: a queryset of one column."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=BooleanField())  # of no use, but asked for
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return f"({_place_of(self.name)})", [Parameter(self.name, None)]


class Prepared(Generic[Row]):
    """A query of rows of `model`: whole ones, or columns of them where `build` asks for a
    `values_list`.

    `build` makes the queryset once for each database. Whatever differs from run to run must be
    `Given` in it: any other value stays what it was then.
    """

    def __init__(self, model: type[Row], build: Callable[[], "QuerySet[Row]"]) -> None:
        self._model, self._build = model, build
        self._built: dict[str, SQLCompiler] = {}

    def rows(self, **given: Any) -> list[Row]:
        """Fetch the rows for these values."""
        query: Any = self._query(given)
        try:
            return list(QuerySet(self._model, query=query))
        except EmptyResultSet:  # the given keys are none, whatever the database holds
            return []

    def tuples(self, **given: Any) -> list[tuple[Any, ...]]:
        """Fetch the columns for these values."""
        query = self._query(given)
        found: Any = query.get_compiler(query.using).results_iter(tuple_expected=True)
        return list(found)

    def _query(self, given: dict[str, Any]) -> "_Query":
        alias = router.db_for_read(self._model)
        if alias not in self._built:
            self._built[alias] = _built(self._build(), alias)
        return _Query(self._built[alias], given, alias)


class _Query:
    """What Django runs instead of a query that has to be built."""

    def __init__(self, built: SQLCompiler, given: dict[str, Any], using: str) -> None:
        self._built, self._given, self.using = built, given, using

    def get_compiler(self, using: str) -> SQLCompiler:
        compiler: SQLCompiler = copy.copy(self._built)
        compiler.connection = connections[using]
        sql, params = compiler.as_sql()
        values: list[Any] = []
        for param in params:
            if not isinstance(param, Parameter):
                values.append(param)
            elif param.field is not None:
                given = self._given[param.name]
                values.append(param.field.get_db_prep_value(given, compiler.connection, False))
            else:
                keys, theirs = self._given[param.name].query.get_compiler(using).as_sql()
                sql = sql.replace(_place_of(param.name), keys)
                values += theirs
        vars(compiler)["as_sql"] = lambda: (sql, tuple(values))
        return compiler


def _place_of(name: str) -> str:
    return f"/* {name} */"


def _with_constants(sql: str, params: Any) -> tuple[str, tuple[Any, ...]]:
    """The query with its constants written out, so that only what is given is a parameter.

    SQLite plans a statement anew at each run where a parameter decides whether a partial index
    holds what is looked for: that takes longer than to run it.
    """
    texts = iter(re.split(r"(?<!%)%s", sql))
    found, left = [next(texts)], []
    for param in params:
        literal = _literal(param)
        if literal is None:
            left.append(param)
        if not (isinstance(param, Parameter) and param.field is None):  # its place is another
            found += ["%s" if literal is None else literal, next(texts)]
    return "".join(found), tuple(left)


def _literal(value: Any) -> str | None:
    """The value as SQL, where that is known."""
    if isinstance(value, str):
        return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"
    return str(int(value)) if isinstance(value, int) else None


def _built(queryset: "QuerySet[Any]", alias: str) -> SQLCompiler:
    """The compiler with its SQL, the parameters or their slots, and what converts the columns."""
    compiler: SQLCompiler = queryset.query.get_compiler(using=alias)
    sql_and_params = compiler.as_sql()
    if connections[alias].vendor == "sqlite":
        sql_and_params = _with_constants(*sql_and_params)
    converters = compiler.get_converters([column for column, _, _ in compiler.select or []])
    vars(compiler).update(as_sql=lambda: sql_and_params, get_converters=lambda columns: converters)
    return compiler
