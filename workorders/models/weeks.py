"""The weekend and the coverage of a business calendar."""

from django.core.exceptions import ValidationError
from django.db import models


def saturday_and_sunday() -> list[int]:
    return [5, 6]


def validate_weekend(days: object) -> None:
    if (
        not isinstance(days, list)
        or not all(type(day) is int and 0 <= day <= 6 for day in days)
        or len(set(days)) > 6
    ):
        raise ValidationError(
            "Enter weekdays from 0 (Monday) to 6 (Sunday), at most six, such as [5, 6]."
        )


class Week(models.Model):
    """What a calendar holds besides single days: its weekend, and first and last day covered."""

    weekend = models.JSONField(default=saturday_and_sunday, validators=[validate_weekend])
    first = models.DateField("first day covered")
    last = models.DateField("last day covered")

    class Meta:
        abstract = True
