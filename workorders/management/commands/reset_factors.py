from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from portal.people.factors import reset_factors
from portal.people.models import User
from workorders.management.database import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Take away all second factors of a person who has lost them, and end their sessions."
        " The person is told by mail; whoever must have a factor sets one up at the next login."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="that the person logs in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody logs in with {email}.")
        count = reset_factors(person, by=None)
        self.stdout.write(f"{person.name} has no second factor any more; there were {count}.")
