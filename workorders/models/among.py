"""Whether a key is among many, which are one parameter: an IN takes longer to build than to run."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Value
from django.db.models.sql.compiler import SQLCompiler


class Among(Func):
    """For a column of whole numbers."""

    output_field = models.BooleanField()
    arg_joiner = " = ANY(string_to_array("
    template = "%(expressions)s, ',')::bigint[])"

    def __init__(self, column: str, keys: Iterable[int]) -> None:
        super().__init__(F(column), Value(",".join(map(str, keys)), models.TextField()))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            arg_joiner=" IN (SELECT value FROM json_each('[' || ",
            template="%(expressions)s || ']'))",
        )
