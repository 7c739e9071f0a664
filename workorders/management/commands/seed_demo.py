from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from sla import CalendarError
from workorders.management import arguments
from workorders.management.database import DatabaseCommand
from workorders.services.seeding import DEFAULT_WORK_ORDERS, PASSWORD, seed_demo

LARGEST = 10_000_000


def whole(text: str) -> int:
    return arguments.whole(text, most=LARGEST)


def positive(text: str) -> int:
    return arguments.whole(text, least=1, most=LARGEST)


class Command(DatabaseCommand):
    help = (
        "Create demo data around today, the same for the same seed and day."
        " Demo data that exists already is not changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--work-orders", type=positive, default=DEFAULT_WORK_ORDERS, metavar="N"
        )
        parser.add_argument("--partners", type=positive, default=2, metavar="P")
        parser.add_argument("--seed", type=whole, default=1, metavar="S")
        parser.add_argument(
            "--today",
            type=arguments.iso_date,
            metavar="DATE",
            help="instead of each site's own date",
        )
        parser.add_argument(
            "--accounts", action="store_true", help="create the demo accounts even without DEBUG=1"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seeded = seed_demo(
                work_orders=options["work_orders"],
                partners=max(2, options["partners"]),
                seed=options["seed"],
                today=options["today"],
                accounts=settings.DEBUG or options["accounts"],
                progress=self._progress if options["verbosity"] > 1 else lambda done: None,
            )
        except CalendarError as error:
            raise CommandError(f"No demo data around that day: {error}.") from error
        self.stdout.write(f"{seeded.work_orders} work orders added for {seeded.partners} partners.")
        for email in seeded.accounts:
            self.stdout.write(f"Account {email}, password {PASSWORD}")

    def _progress(self, done: int) -> None:
        self.stdout.write(f"{done} …")
