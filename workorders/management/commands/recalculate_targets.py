from argparse import ArgumentParser
from typing import Any

from workorders.management.database import DatabaseCommand
from workorders.services.calendars.recalculating import BATCH, recalculate


class Command(DatabaseCommand):
    help = (
        "Recalculate the targets of open work orders after changes to calendars and service levels."
        " The worker does this every minute. If interrupted, run the command again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=BATCH, metavar="N", help="work orders per transaction"
        )

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        done = recalculate(
            batch=batch, progress=lambda moved: self.stdout.write(f"{moved} moved …")
        )
        self.stdout.write(f"{done.moved} Target SLAs moved. All changes are applied.")
