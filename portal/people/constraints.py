"""Invariants that both databases hold: SQLite does not enforce the length of text by itself."""

from collections.abc import Iterable

from django.db.models import CheckConstraint, F, Q, TextField
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual


def fits(table: str, **lengths: int) -> list[CheckConstraint]:
    """One constraint a field: its text has at most so many characters."""
    return [
        CheckConstraint(
            name=f"{table}_{field}_fits",
            condition=LessThanOrEqual(Length(Cast(F(field), TextField())), length),
            violation_error_message=f"At most {length} characters, please.",
        )
        for field, length in lengths.items()
    ]


def one_of(table: str, field: str, values: Iterable[str]) -> CheckConstraint:
    return CheckConstraint(
        name=f"{table}_{field}_is_known", condition=Q(**{f"{field}__in": list(values)})
    )
