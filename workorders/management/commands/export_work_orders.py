import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from workorders.csv_files import SEPARATORS, csv_lines
from workorders.exports.files import chunks, ending_of
from workorders.exports.work_orders import work_order_rows
from workorders.management.arguments import iso_date
from workorders.management.database import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Write all work orders as CSV, with every date, the outcome against the Target SLA, the"
        " reason for delay and its verdict, and the days in each status."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        since = "only those with an entry in their history on this day (UTC) or later"
        parser.add_argument("--since", type=iso_date, metavar="DATE", help=since)
        to = "write a file instead: a workbook if its name ends with .xlsx, else CSV"
        parser.add_argument("--to", type=Path, metavar="FILE", help=to)
        between = "what stands between the cells of CSV"
        parser.add_argument("--separator", choices=SEPARATORS, default="comma", help=between)

    def handle(
        self,
        *args: Any,
        since: dt.date | None,
        to: Path | None,
        separator: str,
        **options: Any,
    ) -> None:
        rows, sign = work_order_rows(timezone.now(), since), SEPARATORS[separator]
        if to is None:
            for line in csv_lines(rows, sign):
                self.stdout.write(line, ending="")
            return
        try:
            with to.open("wb") as file:
                file.writelines(chunks(rows, ending_of(to.name), sign))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
