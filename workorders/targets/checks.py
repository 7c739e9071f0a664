"""A check for `manage.py check --database default`: territories that `holidays` does not know."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DatabaseError, transaction
from django.utils import timezone

from sla.calendars import public_holidays
from sla.values import CalendarError
from workorders.models import ServiceTerritory


def places_are_known(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warnings, never errors: without the package a calendar still works but is not refreshed.

    Loads `holidays`, and therefore runs only when databases are checked, not at a normal start.
    """
    return [message for database in databases or () for message in _unknown(database)]


def _unknown(database: str) -> Iterator[CheckMessage]:
    try:
        with transaction.atomic(using=database):
            territories = list(ServiceTerritory.objects.using(database))
    except DatabaseError:
        return  # there are no tables before the first migrate
    for territory in territories:
        try:
            public_holidays(territory.country, territory.subdivision, [timezone.now().year])
        except CalendarError as error:
            yield Warning(
                f"No public holidays can be proposed for {territory}: {error}.",
                hint="Correct its country or subdivision in the admin.",
                obj=territory,
                id="workorders.W001",
            )
