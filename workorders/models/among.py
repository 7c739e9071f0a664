"""Whether a column is among many values, which are one parameter: an IN of them takes longer to
build than the query to run.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Subquery, Value
from django.db.models.sql.compiler import SQLCompiler


class Among(Func):
    """For texts without a comma."""

    output_field = models.BooleanField()
    arg_joiner = " = ANY(string_to_array("
    template = "%(expressions)s, ','))"
    in_sqlite = (
        """ IN (SELECT value FROM json_each('["' || replace(""",
        """%(expressions)s, ',', '","') || '"]'))""",
    )

    def __init__(self, column: str, values: Iterable[Any]) -> None:
        super().__init__(F(column), Value(",".join(map(str, values)), models.TextField()))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        joiner, template = self.in_sqlite
        return self.as_sql(compiler, connection, arg_joiner=joiner, template=template)


class AmongKeys(Among):
    """For whole numbers."""

    template = "%(expressions)s, ',')::bigint[])"
    in_sqlite = (" IN (SELECT value FROM json_each('[' || ", "%(expressions)s || ']'))")


class AmongFound(Func):
    """Whether the key is among those that a query finds, which is run first: PostgreSQL would join
    it last where there are more than eight tables.
    """

    output_field = models.BooleanField()
    arg_joiner = " IN "
    template = "%(expressions)s"

    def __init__(self, found: models.QuerySet[Any]) -> None:
        super().__init__(F("pk"), Subquery(found.values("pk")))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, arg_joiner=" = ANY(ARRAY", template="%(expressions)s)"
        )
