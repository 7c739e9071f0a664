from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from workorders.services.calendars.recalculating import BATCH, recalculate


class Command(BaseCommand):
    help = (
        "Let open work orders follow every approved change of a calendar or a service level. The worker does it each"
        " minute; this does it now. Cut off, it can simply be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=BATCH, metavar="N", help="work orders a transaction"
        )

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        done = recalculate(
            batch=batch, progress=lambda moved: self.stdout.write(f"{moved} moved …")
        )
        self.stdout.write(f"{done.moved} Target SLAs moved. Every change is settled.")
