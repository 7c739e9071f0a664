"""Names and numbers found as people read them: case, blanks and invisible characters aside."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db import models
from django.db.models import Count, Expression, QuerySet
from django.db.models.functions import Lower

from workorders.folding import fold
from workorders.models.among import AmongFound

Rows = TypeVar("Rows", bound=QuerySet[Any])


class FoldedField(models.CharField[str, str]):
    """Another field of the row, folded each time that the row is saved as a whole."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        defaults: dict[str, Any] = {
            "max_length": 400,
            "db_index": True,
            "editable": False,
            "default": "",
        }
        super().__init__(**defaults | options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of}

    def pre_save(self, model_instance: Any, add: bool) -> str:
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded


def numbered(rows: Rows, numbers: Collection[str]) -> Rows:
    """The rows with these numbers, which are letters and digits of ASCII."""
    folded = {fold(number) for number in numbers}
    return _by_number(rows).filter(folded_number__in=folded)


def numbered_as(rows: Rows, folded: Expression) -> Rows:
    """The rows with the number that folds to this."""
    same = _by_number(rows.model._default_manager.order_by()).filter(folded_number=folded)
    return rows.filter(AmongFound(same))


def _by_number(rows: Rows) -> Rows:
    return rows.alias(folded_number=Lower("number"))


def twins(rows: QuerySet[Any], *keys: str, most: int) -> list[list[Any]]:
    """Rows that agree with another one in all these columns, in groups, each by age.

    There is one query for the groups, and one for each of them.
    """
    named = rows.annotate(folded_number=Lower("number")) if "folded_number" in keys else rows
    groups = named.order_by(*keys).values(*keys).annotate(count=Count("pk")).filter(count__gt=1)
    found = (named.filter(**{key: group[key] for key in keys}) for group in groups[:most])
    return [list(group.order_by("pk")) for group in found]
