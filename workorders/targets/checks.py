"""What `manage.py check --database default` says besides: territories whose place `holidays` does
not know.
"""

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
    """Warnings, never errors: a calendar works without the package, it only is not refreshed.

    Loads `holidays`, so it answers only where databases are asked for: not at a normal start.
    """
    return [message for database in databases or () for message in _unknown(database)]


def _unknown(database: str) -> Iterator[CheckMessage]:
    try:
        with transaction.atomic(using=database):
            territories = list(ServiceTerritory.objects.using(database))
    except DatabaseError:
        return  # nothing to look at before the first migrate
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
