"""Constraints that both databases enforce; SQLite alone does not check the length of text."""

from collections.abc import Iterable

from django.db.models import CheckConstraint, F, Q, TextField
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual


def fits(table: str, **lengths: int) -> list[CheckConstraint]:
    """One constraint for each field: its text has at most this many characters."""
    return [
        CheckConstraint(
            name=f"{table}_{field}_fits",
            condition=LessThanOrEqual(Length(Cast(F(field), TextField())), length),
            violation_error_message=f"Use at most {length} characters.",
        )
        for field, length in lengths.items()
    ]


def one_of(table: str, field: str, values: Iterable[str]) -> CheckConstraint:
    is_known = Q((f"{field}__in", list(values)))
    return CheckConstraint(name=f"{table}_{field}_is_known", condition=is_known)
