"""The part of a business calendar that is not single days."""

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
            "A list of weekdays, Monday 0 to Sunday 6, that leaves one to work, such as [5, 6]."
        )


class Week(models.Model):
    """What a calendar is made of besides its days: the weekend, and the days covered, first and
    last included.
    """

    weekend = models.JSONField(default=saturday_and_sunday, validators=[validate_weekend])
    first = models.DateField("first day covered")
    last = models.DateField("last day covered")

    class Meta:
        abstract = True
