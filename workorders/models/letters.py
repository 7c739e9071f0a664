"""Names in the order of their letters, whatever case and accents, on both databases."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func
from django.db.models.sql.compiler import SQLCompiler

ACCENTED = {
    "a": "äàáâãå",
    "c": "çčć",
    "e": "éèêëě",
    "i": "íìîï",
    "l": "ł",
    "n": "ñňń",
    "o": "öóòôõø",
    "r": "ř",
    "s": "šś",
    "u": "üúùûů",
    "y": "ý",
    "z": "žźż",
}
FROM = "".join(ACCENTED.values())
TO = "".join(plain for plain, accented in ACCENTED.items() for _ in accented)
PLAIN = str.maketrans(FROM, TO)


def letters_of(text: str | None) -> str | None:
    return text if text is None else text.lower().translate(PLAIN)


def let_sqlite_know(connection: BaseDatabaseWrapper, **named: Any) -> None:
    """SQLite's LOWER knows ASCII alone, and it has no TRANSLATE."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("letters", 1, letters_of, deterministic=True)


class Letters(Func):
    """A text in small letters without accents."""

    arity = 1
    output_field = models.CharField()
    template = f"TRANSLATE(LOWER(%(expressions)s), '{FROM}', '{TO}')"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="letters(%(expressions)s)")
