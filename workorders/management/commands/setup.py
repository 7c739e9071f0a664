from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from portal.people.models import User
from sla import CalendarError
from workorders.management.database import DatabaseCommand
from workorders.models import ServiceTerritory
from workorders.services.setting_up import (
    PlannedTerritory,
    add_administrator,
    administrator,
    invitation_link,
    plan_territory,
    set_up,
    territories_to_offer,
    territory_named,
)

NO_ADMINISTRATOR = "There is no administrator yet: run setup again with --email and --name."
YEARS_SHOWN = 3
NONE = "-"


class Command(DatabaseCommand):
    help = (
        "Create what a new portal needs: territories with calendars, entitlements, carrier"
        " services, the group Staff and the first administrator."
        " It can be run again, and does not change what exists."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="of the first administrator; asked for if not given")
        parser.add_argument("--name", help="of the first administrator")
        parser.add_argument(
            "--territories", help="to make, such as US-CA,US-TX,DE-BY; asked for if not given"
        )

    def handle(
        self,
        *args: Any,
        email: str | None,
        name: str | None,
        territories: str | None,
        **options: Any,
    ) -> None:
        year = timezone.now().year
        if administrator() is None:
            email = email or self._asked("E-mail of the first administrator: ")
            name = name or (email and self._asked("Name: "))
        planned = [self._with_choices(each) for each in self._territories(territories, year)]
        done = set_up(year, planned)
        for sentence in done or [
            "Territories, entitlements, carrier services and the group Staff already exist."
        ]:
            self.stdout.write(sentence)
        self._administrator(email, name)

    # --- Territories
    def _territories(self, wanted: str | None, year: int) -> list[PlannedTerritory]:
        """Return those named on the command line, or ask a person until all of them are known."""
        if wanted is not None:
            try:
                return self._planned(wanted, year)
            except CalendarError as error:
                raise CommandError(f"No calendar can be made: {error}.") from error
        offered = ", ".join(territory.name for territory in territories_to_offer())
        existing = ", ".join(str(territory) for territory in ServiceTerritory.objects.all())
        usual = NONE if existing else offered
        question = (
            f"Service territories: {existing or 'none yet'}. Usual ones to make:"
            f" {offered or 'no more'}; others are named by country and subdivision, such as US-TX"
            f" or DE-NW.\nWhich to make? Separate names by commas; {NONE} for none; Enter:"
            f" {usual}. "
        )
        while True:
            try:
                return self._planned(self._asked(question) or usual, year)
            except CalendarError as error:
                self.stderr.write(f"No calendar can be made: {error}.")

    def _planned(self, names: str, year: int) -> list[PlannedTerritory]:
        wanted = dict.fromkeys(name.strip() for name in names.split(","))
        existing = set(ServiceTerritory.objects.values_list("name", flat=True))
        new = [name for name in wanted if name not in {"", NONE, *existing}]
        return [plan_territory(territory_named(name), year) for name in new]

    def _with_choices(self, planned: PlannedTerritory) -> PlannedTerritory:
        """Show the days by year, and let a person tick which holidays count."""
        while True:
            self.stdout.write("\n".join(_table(planned)))
            answer = self._asked(
                "Numbers of holidays to tick or untick, separated by commas; Enter: as shown. "
            )
            if not answer:
                return planned
            numbers = {number.strip() for number in answer.split(",")}
            planned = planned.closing_for(
                {
                    row.name
                    for number, row in enumerate(planned.rows, 1)
                    if row.closes != (str(number) in numbers)
                }
            )

    # --- The administrator
    def _administrator(self, email: str | None, name: str | None) -> None:
        user = administrator()
        if user is None:
            if not email or not name:
                raise CommandError(NO_ADMINISTRATOR, returncode=3)  # the rest is made
            user = self._add_administrator(email, name)
        elif user.has_usable_password():
            self.stdout.write(f"There is already an administrator: {user.email}.")
            return
        self.stdout.write(
            f"{user.name} can choose a password with this link, once, within"
            f" {settings.INVITATION_DAYS} days. It gives access to the account: share it with"
            f" nobody else.\n{invitation_link(user)}"
        )

    def _add_administrator(self, email: str, name: str) -> User:
        try:
            user = add_administrator(email, name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Administrator {user.email} created; an invitation is on its way.")
        return user

    def _asked(self, question: str) -> str:
        """What the user types; empty when the command has no input."""
        try:
            return input(question).strip()
        except EOFError:
            return ""


def _table(planned: PlannedTerritory) -> Iterator[str]:
    """The holidays of the next years, numbered, with a tick where the calendar closes."""
    first = timezone.now().year
    years = range(first, min(first + YEARS_SHOWN, planned.place.last.year + 1))
    rows = planned.rows
    width = max(len(row.name) for row in rows)
    yield f"\n{planned.territory.name} closes for the holidays that are ticked:"
    yield f"{'':8}{'Holiday':{width}}  {'Listed as':12}" + "".join(f"{y:<16}" for y in years)
    for number, row in enumerate(rows, 1):
        tick = "[x]" if row.closes else "[ ]"
        days = "".join(f"{_days_in(row.days, year):16}" for year in years)
        yield f"{number:3} {tick} {row.name:{width}}  {row.source:12}{days}".rstrip()


def _days_in(days: list[Any], year: int) -> str:
    return ", ".join(f"{day:%b} {day.day}" for day in days if day.year == year)
