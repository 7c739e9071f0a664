from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sla import CalendarError
from workorders.services.setting_up import add_administrator, administrator, invitation_link, set_up

NO_ADMINISTRATOR = "There is no administrator yet: run setup again with --email and --name."


class Command(BaseCommand):
    help = (
        "Create what a new portal needs: territories with calendars, entitlements, carrier"
        " services, the group Staff and the first administrator."
        " It can be run again, and does not change what exists."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="of the first administrator; asked for if not given")
        parser.add_argument("--name", help="of the first administrator")

    def handle(self, *args: Any, email: str | None, name: str | None, **options: Any) -> None:
        try:
            done = set_up(timezone.now().year)
        except CalendarError as error:
            raise CommandError(f"No calendar can be made: {error}.") from error
        for sentence in done or [
            "Territories, entitlements, carrier services and the group Staff already exist."
        ]:
            self.stdout.write(sentence)
        self._administrator(email, name)

    def _administrator(self, email: str | None, name: str | None) -> None:
        user = administrator()
        if user is None:
            email = email or self._asked("E-mail of the first administrator: ")
            name = name or (email and self._asked("Name: "))
            if not email or not name:
                self.stderr.write(NO_ADMINISTRATOR)
                return
            try:
                user = add_administrator(email, name)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            self.stdout.write(f"Administrator {user.email} created; an invitation is on its way.")
        elif user.has_usable_password():
            self.stdout.write(f"There is already an administrator: {user.email}.")
            return
        self.stdout.write(
            f"{user.name} can choose a password with this link, once, within"
            f" {settings.INVITATION_DAYS} days. It gives access to the account: share it with"
            f" nobody else.\n{invitation_link(user)}"
        )

    def _asked(self, question: str) -> str:
        """What the user types; empty when the command has no input."""
        try:
            return input(question).strip()
        except EOFError:
            return ""
